"""Rules: what a shop wants of every list, and what one call wants of its own; `plait.flows.arrange` applies them.

`settings` are read, `in_force` puts plait.toml and a call together, `checks` finds what does not fit the catalogue, and
`held` keeps what a process needs. The others serve the steps in their order: `left_out`, `adjustments` with `item_log`,
`freshness` and `reach`, `pinning`, `telling`.
"""
