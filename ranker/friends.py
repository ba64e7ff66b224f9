"""Friends: the taste expected of somebody by the tastes of those they are related to."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows
from ranker.taste_fit import TasteFit

DOUBTS = (0.3, 1.0, 3.0, 10.0, 30.0)
"""Total weights of friends that are tried: with so much, friends are believed half as much as with any number."""
LEAST_USERS = 20
"""Users with friends, below which nothing is learnt of how alike friends are."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Edges: `users` (e,) have the friends `others` (e,), rows, each with a weight above 0 (e,)."""

    users: Rows
    others: Rows
    weights: Floats

    def checked(self) -> "Relations":
        """Return what tells of a taste: no relation to oneself, with somebody unknown (-1), or of no weight above 0."""
        kept = (self.users != self.others) & (self.users >= 0) & (self.others >= 0)
        kept &= np.isfinite(self.weights) & (self.weights > 0)
        return Relations(self.users[kept], self.others[kept], self.weights[kept])


@dataclass(frozen=True, slots=True)
class Friends:
    """What friends say: `likeness * sum_f w_f t_f / (doubt + sum_f w_f)` over those f whose taste is known.

    `rows` (k,) ascending are the rows of users whose `tastes` (k, r) beyond what else is expected of them are known.
    """

    rows: Rows
    tastes: Floats
    likeness: float
    doubt: float

    def expect(self, relations: Relations, user_count: int) -> Floats:
        """Return the tastes (user_count, r) that friends add, zero for who has none that is known."""
        pooled, weights = self._pooled(relations, user_count)
        return np.asarray(self.likeness * pooled / (self.doubt + weights)[:, None], dtype=np.float32)

    def _pooled(self, relations: Relations, user_count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (user_count, r) the weighed sums of friends' tastes, and (user_count,) the sums of weights."""
        from scipy.sparse import csr_array

        places = np.searchsorted(self.rows, relations.others)
        known = places < len(self.rows)
        known[known] = self.rows[places[known]] == relations.others[known]
        shape = (user_count, len(self.rows))
        edges = csr_array(
            (relations.weights[known].astype(float), (relations.users[known], places[known])), shape=shape
        )
        sums = np.asarray(edges @ np.ones(len(self.rows)), dtype=np.float64)
        return np.asarray(edges @ self.tastes, dtype=np.float64), sums


def fit_friends(fit: TasteFit, relations: Relations, expected: Floats | None = None) -> Friends:
    """Learn how alike friends are; `relations` name users by the rows of the training.

    `expected` (k, r) is what is expected of the tastes without friends, which they must not say again. For each doubt
    the likeness is the regression of a user's taste on what the friends' says, between 0 and 1, and the best of them is
    taken where it lowers the squared error, each user in turn left out of it; elsewhere the likeness is 0.
    """
    tastes = (fit.tastes if expected is None else fit.tastes - expected).astype(np.float32)
    unlearnt = Friends(fit.users, tastes, 0.0, DOUBTS[0])
    user_count = int(max(fit.users.max(initial=-1), relations.users.max(initial=-1))) + 1
    pooled, weights = unlearnt._pooled(relations, user_count)
    mine, sums = pooled[fit.users], weights[fit.users]
    having = np.flatnonzero(sums > 0)
    if len(having) < LEAST_USERS:
        return unlearnt
    judge = fit.taste.answers.T.astype(np.float64) @ fit.taste.answers
    wanted = tastes[having].astype(np.float64)
    best, least = unlearnt, 0.0
    for doubt in DOUBTS:
        told = mine[having] / (doubt + sums[having])[:, None]
        fits, sizes = ((told @ judge) * wanted).sum(axis=1), ((told @ judge) * told).sum(axis=1)
        change = _left_out_change(fits, sizes)
        if change < least:
            best, least = replace(unlearnt, likeness=_likeness(fits, sizes), doubt=doubt), change
    return best


def _likeness(fits: NDArray[np.float64], sizes: NDArray[np.float64]) -> float:
    """Return the regression of wanted on told, sums of <told, wanted> and of <told, told>, between 0 and 1."""
    return float(np.clip(fits.sum() / max(float(sizes.sum()), 1e-12), 0.0, 1.0))


def _left_out_change(fits: NDArray[np.float64], sizes: NDArray[np.float64]) -> float:
    """Return how the squared error changes by friends, each user's likeness being learnt from all the others."""
    others = (fits.sum() - fits) / np.maximum(sizes.sum() - sizes, 1e-12)
    likeness = np.clip(others, 0.0, 1.0)
    return float((likeness**2 * sizes - 2.0 * likeness * fits).sum())
