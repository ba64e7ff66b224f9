"""Click rates: what is believed of how often an item is clicked where it is shown, and the chances of their orders.

Thompson sampling (Thompson 1933; Chapelle, Li 2011) draws the rate of each item from its posterior and shows items in
the order of the draws. How likely an item is to be r-th is an integral over all posteriors, which has no closed form
for Beta distributions. A posterior is therefore a histogram here: the masses that Beta(a, b) gives to CELLS cells,
uniform inside each. Rates are drawn from just that, and then the integral is exact: inside a cell the chance that r
others are higher is a polynomial of the own rate, of a degree below the number of items, and Gauss-Legendre quadrature
of n nodes integrates degree 2n - 1 without error. Nothing is estimated.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Rows

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

CELLS = 64
EDGES: Values = np.sin(0.5 * np.pi * np.linspace(0.0, 1.0, CELLS + 1)) ** 2
"""Cells as wide everywhere as chance makes a rate uncertain: the arcsine makes the variance of a binomial rate even."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of an item that nobody was shown: Beta(`clicked`, `missed`), both above 0."""

    clicked: float
    missed: float

    def __post_init__(self) -> None:
        if not (self.clicked > 0 and self.missed > 0):
            raise ValueError(f"Prior({self.clicked}, {self.missed}): expected numbers above 0")


def beliefs(clicked: Rows, shown: Rows, prior: Prior) -> Values:
    """Return (..., CELLS + 1) the posterior probability of a rate of at most each of EDGES.

    `clicked` and `shown` (...) count how often each item was. Raises ValueError where more was clicked than shown.
    """
    from scipy.special import betainc

    if (clicked > shown).any():
        raise ValueError("clicked exceeds shown; expected at most one click each time an item is shown")
    hits = (prior.clicked + clicked)[..., None]
    misses = (prior.missed + shown - clicked)[..., None]
    return np.asarray(betainc(hits, misses, EDGES), dtype=np.float64)


def rates(believed: Values, drawn: Values) -> Values:
    """Return (m, n) rates from the posteriors (m, n, CELLS + 1), by uniform numbers `drawn` (m, n) from 0 to 1."""
    found = np.empty(drawn.shape)
    for place in np.ndindex(drawn.shape):
        found[place] = np.interp(drawn[place], believed[place], EDGES)
    return found


def order_chances(believed: Values, known: Mask, depth: int) -> Values:
    """Return (m, depth, n) how likely each item is the r-th by `rates`, r from 0.

    Of the n items of each of m users those of `known` (m, n) take part; the others have a chance of 0.
    """
    chances = np.zeros((len(known), depth, known.shape[1]))
    for place, mine in enumerate(known):
        chances[place][:, mine] = _orders(believed[place, mine], depth)
    return chances


def _orders(believed: Values, depth: int) -> Values:
    """Return (depth, n) of the n items with the posteriors (n, CELLS + 1)."""
    count = len(believed)
    reached = min(depth, count)
    if not reached:
        return np.zeros((depth, count))
    nodes, weights = np.polynomial.legendre.leggauss((count + 1) // 2)
    masses = np.diff(believed, axis=1)[:, :, None]
    above = (1.0 - believed[:, :-1, None] - masses * (0.5 * (nodes + 1.0))).reshape(count, -1)
    here = (masses * (0.5 * weights)).reshape(count, -1)
    before, behind = _counts(above, reached), _counts(above[::-1], reached)[::-1]
    chances = np.zeros((depth, count))
    for rank in range(reached):
        higher = sum(before[:, some] * behind[:, rank - some] for some in range(rank + 1))
        chances[rank] = (here * higher).sum(axis=1)
    return chances


def _counts(above: Values, depth: int) -> Values:
    """Return (n, depth, e) how likely r of the items before each of n are above each of e rates; `above` (n, e)."""
    counts = np.zeros((len(above), depth, above.shape[1]))
    counts[0, 0] = 1.0
    for place, chance in enumerate(above[:-1]):
        counts[place + 1] = counts[place] * (1.0 - chance)
        counts[place + 1, 1:] += counts[place, :-1] * chance
    return counts
