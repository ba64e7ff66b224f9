"""Friends: the taste expected of somebody by the tastes of those they are related to."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.circles import Relations, circle
from ranker.interactions import Floats, Rows
from ranker.taste_fit import TasteFit

DOUBTS = (0.0, 0.3, 1.0, 3.0, 10.0)
"""Total weights of friends that are tried: with so much, friends are believed half as much as with any number."""
DAMPINGS = (0.0, 0.15, 0.3, 0.5, 0.7)
"""What a friend of a friend counts beside the friend, as tried: 0 is not at all."""
PRIOR = 30.0
"""Users by whom it is believed that friends are as alike in one direction of taste as in all together."""
SURE = 3.0
"""Standard errors by which friends must lower the error: of the many that are tried some do so by chance."""
LEAST_USERS = 20
"""Users with friends, below which nothing is learnt of how alike friends are."""

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Friends:
    """What friends say: `likeness * sum_f w_f t_f / (doubt + sum_f w_f)` over those f whose taste is known.

    `rows` (k,) ascending are the rows of users whose `tastes` (k, r) beyond what else is expected of them are known.
    `likeness` (r,), from 0 to 1, is how alike friends are in each direction of taste; friends of friends count
    `damping` times as much as the friend.
    """

    rows: Rows
    tastes: Floats
    likeness: Floats
    doubt: float
    damping: float

    def circle(self, near: Relations, beyond: Relations, own: Rows) -> Relations:
        """Return who speaks for m users, rows of the training: friends and theirs, as `ranker.circles.circle` does."""
        return circle(near, beyond, own, self.damping)

    def expect(self, relations: Relations, user_count: int) -> Floats:
        """Return the tastes (user_count, r) that friends add, zero for who has none that is known."""
        pooled, weights = self._pooled(relations, user_count)
        return np.asarray(self.likeness * _believed(pooled, weights, self.doubt), dtype=np.float32)

    def _pooled(self, relations: Relations, user_count: int) -> tuple[Doubles, Doubles]:
        """Return (user_count, r) the weighed sums of friends' tastes, and (user_count,) the sums of weights."""
        from scipy.sparse import csr_array

        places = np.searchsorted(self.rows, relations.others)
        known = places < len(self.rows)
        known[known] = self.rows[places[known]] == relations.others[known]
        edges = csr_array(
            (relations.weights[known].astype(float), (relations.users[known], places[known])),
            shape=(user_count, len(self.rows)),
        )
        sums = np.asarray(edges @ np.ones(len(self.rows)), dtype=np.float64)
        return np.asarray(edges @ self.tastes, dtype=np.float64), sums


def fit_friends(fit: TasteFit, relations: Relations, expected: Floats | None = None) -> Friends:
    """Learn how alike friends are; `relations` name users by the rows of the training.

    `expected` (k, r) is what is expected of the tastes without friends, which they must not say again. For each doubt
    and damping the likeness is the regression of a user's taste on what the friends' says, direction by direction,
    drawn to that of all together. The best lowers the squared error of expected weights most, each user in turn left
    out of it; where that is not clear of chance the likeness is 0. Where friends are not believed their friends are not
    either: who is the opposite of an opposite need not be alike.
    """
    tastes = (fit.tastes if expected is None else fit.tastes - expected).astype(np.float32)
    nothing = np.zeros(tastes.shape[1], np.float32)
    unlearnt = Friends(fit.users, tastes, nothing, DOUBTS[0], DAMPINGS[0])
    user_count = int(max(fit.users.max(initial=-1), relations.users.max(initial=-1))) + 1
    heard = (fit.taste.answers.astype(np.float64) ** 2).sum(axis=0)
    best, least = unlearnt, 0.0
    for damping in DAMPINGS:
        if damping > 0 and best is unlearnt:
            break
        asked = circle(relations, relations, np.arange(user_count), damping)
        pooled, weights = unlearnt._pooled(asked, user_count)
        having = np.flatnonzero(weights[fit.users] > 0)
        if len(having) < LEAST_USERS:
            return unlearnt
        wanted = tastes[having].astype(np.float64)
        for doubt in DOUBTS:
            told = _believed(pooled, weights, doubt)[fit.users[having]]
            changes = _left_out_changes(told, wanted, heard)
            change = float(changes.mean())
            if change < min(least, -SURE * float(changes.std()) / np.sqrt(len(changes))):
                likeness = _likeness(told, wanted).astype(np.float32)
                best, least = replace(unlearnt, likeness=likeness, doubt=doubt, damping=damping), change
    return best


def _believed(pooled: Doubles, weights: Doubles, doubt: float) -> Doubles:
    return np.asarray(pooled / np.maximum(doubt + weights, 1e-9)[:, None])


def _likeness(told: Doubles, wanted: Doubles) -> Doubles:
    """Return (r,) the regression of wanted (k, r) on told (k, r), from 0 to 1."""
    return _drawn((told * wanted).sum(axis=0), (told**2).sum(axis=0), len(told))


def _left_out_changes(told: Doubles, wanted: Doubles, heard: Doubles) -> Doubles:
    """Return (k,) how each user's squared error changes by friends, the likeness being learnt from all the others.

    `heard` (r,) is how much a direction of taste moves expected weights.
    """
    fits, sizes = told * wanted, told**2
    likeness = _drawn(fits.sum(axis=0) - fits, sizes.sum(axis=0) - sizes, len(told) - 1)
    return np.asarray((likeness**2 * sizes - 2.0 * likeness * fits) @ heard)


def _drawn(fits: Doubles, sizes: Doubles, count: int) -> Doubles:
    """Return (..., r) regressions by sums of products (..., r) over `count` users, each drawn to that of all together.

    They are ridge regressions around the common one, as if PRIOR users of usual size had shown that.
    """
    all_fits, all_sizes = fits.sum(axis=-1, keepdims=True), np.maximum(sizes.sum(axis=-1, keepdims=True), 1e-12)
    held = PRIOR * all_sizes / (count * sizes.shape[-1])
    return np.asarray(np.clip((fits + held * all_fits / all_sizes) / (sizes + held), 0.0, 1.0))
