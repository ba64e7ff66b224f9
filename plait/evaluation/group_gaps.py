"""Group gaps: how far a model serves one group of users worse than another."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from embedders.items import AttributeValue
from plait.evaluation.bootstrap import Interval
from plait.evaluation.observations import Values
from plait.evaluation.set_intervals import Times, set_intervals

LEAST_USERS = 20
"""A group of fewer is not compared: its mean is chance."""
BANDS = 4

Members = NDArray[np.float64]
"""(users, groups) 1 where a user belongs to a group."""


def group_names(values: Sequence[AttributeValue | None]) -> list[str]:
    """Return the group of each user by one attribute, "" for none.

    Texts are groups as they are, numbers are parted at their quartiles, and who has several values has no group.
    """
    numbers = np.asarray([value if isinstance(value, float) else np.nan for value in values], dtype=np.float64)
    known = numbers[~np.isnan(numbers)]
    edges = np.quantile(known, np.arange(1, BANDS) / BANDS) if len(known) else known
    bands = np.digitize(numbers, np.unique(edges)).tolist()
    return [
        f"band {band + 1}" if isinstance(value, float) else value if isinstance(value, str) else ""
        for value, band in zip(values, bands, strict=True)
    ]


def group_gaps(
    values: Values, groups: Sequence[str], *, least: int = LEAST_USERS, seed: int = 0
) -> dict[str, Interval]:  # fmt: skip
    """Return for each metric of n users the mean of the best group less that of the worst, with its interval.

    The measure of unfairness of Ekstrand et al. 2018 made one number. `groups` (n,) names each user's, "" for none. A
    group counts for a metric where `least` of its users have a value; NaN with fewer than two such groups. An interval
    that reaches 0 says that no difference was found.
    """
    names = sorted(set(groups) - {""})
    members = np.asarray([[group == name for name in names] for group in groups], dtype=np.float64)
    members = members.reshape(len(groups), len(names))
    statistics = {}
    for metric, column in values.items():
        known = ~np.isnan(column)
        chosen = members * known[:, None]
        chosen = chosen[:, chosen.sum(axis=0) >= least]
        statistics[metric] = partial(_gap, np.where(known, column, 0.0), chosen)
    return set_intervals(statistics, len(groups), seed=seed, numbers=len(names))


def _gap(column: NDArray[np.float64], members: Members, times: Times) -> NDArray[np.float64]:
    if members.shape[1] < 2:
        return np.full(len(times), np.nan)
    counts = times @ members
    sums = times @ (members * column[:, None])
    # A group of whom nobody was drawn makes the draw say nothing.
    means = np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)
    return np.asarray(means.max(axis=1) - means.min(axis=1), dtype=np.float64)
