"""Rules: what a shop wants of every list, and what one call wants of its own; `plait.flows.arrange` applies them.

`settings` are read and `in_force` puts plait.toml and a call together; `checks` finds what does not fit the catalogue.
The others are a step each, in this order: `left_out`, `adjustments`, `places` (quota and pins), `telling`.
"""
