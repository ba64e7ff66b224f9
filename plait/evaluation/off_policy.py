"""Off-policy estimates: how often another policy's items would be clicked, from what one policy showed.

What was shown with the propensity p, and would be shown by the other policy with the probability q, counts q / p times
(Horvitz, Thompson 1952). IPS divides the clicks counted so by the number of places: it is right in the mean where p is
true, and above 0 for whatever the other policy may show. SNIPS divides by the sum of the weights (Swaminathan, Joachims
2015): a little biased, and less moved by a few large weights.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.evaluation.bootstrap import Interval
from plait.evaluation.set_intervals import Times, set_intervals

Values = NDArray[np.float64]


def click_rates(
    users: Rows, clicked: Values | Mask, propensities: Values, wanted: Values | Mask, *, seed: int = 0
) -> Mapping[str, Interval]:
    """Return `logged`, the clicks of n places that were shown, and `ips` and `snips`, those of another policy.

    `users` (n,) count from 0; `clicked` (n,) is what is to be estimated, 1 for a click; `propensities` (n,) are those
    written, `wanted` (n,) how likely the other policy shows the same item at the same place to the same user. Intervals
    are by the bootstrap over users. Everything is NaN without places. Raises ValueError for a propensity outside 0..1.
    """
    if not ((propensities > 0) & (propensities <= 1)).all():
        raise ValueError("propensities lie outside of 0..1; expected those with which the items were shown")
    weights = wanted / propensities
    count = int(users.max()) + 1 if len(users) else 0
    ones, sums = np.ones(len(users)), partial(_sums, users, count)
    statistics: dict[str, Callable[[Times], Values]] = {
        "logged": partial(_ratio, sums(clicked), sums(ones)),
        "ips": partial(_ratio, sums(weights * clicked), sums(ones)),
        "snips": partial(_ratio, sums(weights * clicked), sums(weights)),
    }
    return set_intervals(statistics, count, seed=seed)


def effective_places(propensities: Values, wanted: Values | Mask) -> float:
    """Return how many places of the other policy itself would tell as much: (sum of w)^2 / sum of w^2 (Kish 1965)."""
    weights = wanted / propensities
    return float(weights.sum() ** 2 / max((weights**2).sum(), 1e-300))


def _sums(users: Rows, count: int, values: Values | Mask) -> Values:
    """Return (users,) the sum of what belongs to each."""
    return np.asarray(np.bincount(users, weights=values, minlength=count), dtype=np.float64)


def _ratio(above: Values, below: Values, times: Times) -> Values:
    """Return (r,) a sum over the users drawn in parts of another, NaN where that is 0."""
    parts = times @ below
    return np.asarray(np.where(parts > 0, times @ above / np.where(parts > 0, parts, 1.0), np.nan))
