"""Results: what an evaluation found, as JSON and as a table."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plait.evaluation.bootstrap import Interval

Intervals = Mapping[str, Mapping[str, Interval]]
"""An interval by name (of a model or an ablation) and metric."""


@dataclass(frozen=True, slots=True)
class Results:
    """`models` gives each metric of each model; `buckets` the same for groups of users or items.

    `users` counts users, or queried items where the protocol has no users; `details` are for each model the salts it
    was judged on (`seeds`), wall `seconds` of a run, `peak_mb` of memory, `choosing_seconds` and the settings chosen;
    `ablations` are figures of Plait without one thing at a time; `differences` are those of a model and the best other
    one, or of an ablation and Plait, paired by user; `splits` the sha256 of each split;
    `curves` give for each model the metrics of its plain lists and of diverse ones, by method and strength, none unless
    asked for; `about` how all this came to be: the command, versions, a hash of the data.
    """

    protocol: str
    seeds: int
    users: int
    models: Intervals
    buckets: Mapping[str, Intervals] = field(default_factory=dict)
    ablations: Intervals = field(default_factory=dict)
    details: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    differences: Intervals = field(default_factory=dict)
    splits: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, Intervals] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the results as `--json` prints them; what cannot be said is None."""
        curves = {"curves": _plain(self.curves)} if self.curves else {}
        return {
            "protocol": self.protocol,
            "seeds": self.seeds,
            "users": self.users,
            "models": _plain(self.models),
            "buckets": _plain(self.buckets),
            "ablations": _plain(self.ablations),
            "details": _plain(self.details),
            "differences": _plain(self.differences),
            "splits": dict(self.splits),
            "about": dict(self.about),
        } | curves

    def rows(self) -> tuple[list[str], list[list[object]]]:
        """Return columns and rows of the main table: a metric a row, means with their intervals, a model a column."""
        metrics = list(next(iter(self.models.values()), {}))
        rows: list[list[object]] = []
        for metric in metrics:
            found = [values[metric] for values in self.models.values()]
            rows.append([metric, *(f"{v['mean']:.4f} [{v['low']:.4f}, {v['high']:.4f}]" for v in found)])
        return ["metric", *self.models], rows


def _plain(value: Any) -> Any:
    """Return mappings as dicts, and NaN, which JSON has no word for, as None."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return None if math.isnan(value) else value
