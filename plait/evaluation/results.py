"""Results: what an evaluation found, as JSON and as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Interval = Mapping[str, float]
"""mean, low, high."""


@dataclass(frozen=True, slots=True)
class Results:
    """`models` gives each metric of each model; `buckets` the same for groups of users or items.

    `users` counts users, or queries where the protocol has no users; `details` are settings chosen and seconds.
    """

    protocol: str
    seeds: int
    users: int
    models: Mapping[str, Mapping[str, Interval]]
    buckets: Mapping[str, Mapping[str, Mapping[str, Interval]]] = field(default_factory=dict)
    ablations: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    details: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the results as `--json` prints them."""
        return {
            "protocol": self.protocol,
            "seeds": self.seeds,
            "users": self.users,
            "models": {name: {m: dict(v) for m, v in metrics.items()} for name, metrics in self.models.items()},
            "buckets": {
                k: {n: {m: dict(v) for m, v in x.items()} for n, x in b.items()} for k, b in self.buckets.items()
            },
            "ablations": {name: {m: dict(v) for m, v in metrics.items()} for name, metrics in self.ablations.items()},
            "details": {name: dict(values) for name, values in self.details.items()},
        }

    def rows(self) -> tuple[list[str], list[list[object]]]:
        """Return columns and rows of the main table: a model a row, means with their intervals."""
        metrics = list(next(iter(self.models.values()), {}))
        rows: list[list[object]] = []
        for name, values in self.models.items():
            shown = [f"{values[m]['mean']:.4f} [{values[m]['low']:.4f}, {values[m]['high']:.4f}]" for m in metrics]
            rows.append([name, *shown])
        return ["model", *metrics], rows
