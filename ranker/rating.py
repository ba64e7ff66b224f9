"""Rating prediction: matrix factorisation with biases (Koren, Bell, Volinsky 2009), by alternating exact steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows

SHRINKAGE = 5.0
"""Ratings that a bias of zero counts for."""
FACTORS = 12
REGULARIZATION = 15.0
SWEEPS = 10

_Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RatingModel:
    """`r_ui = mean + b_u + b_i + u^T v_i`; a row of -1 is unknown and adds nothing.

    `users` (m, 1 + k) and `items` (n, 1 + k) hold the bias first, then the factors; ratings lie in `low`..`high`.
    """

    mean: float
    users: Floats
    items: Floats
    low: float
    high: float

    def predict(self, users: Rows, items: Rows) -> Floats:
        """Return predicted ratings (n,) of pairs of rows, within the scale seen."""
        mine, theirs = _rows(self.users, users), _rows(self.items, items)
        taste = np.einsum("nk,nk->n", mine[:, 1:], theirs[:, 1:])
        rating = self.mean + mine[:, 0] + theirs[:, 0] + taste
        return np.asarray(np.clip(rating, self.low, self.high), dtype=np.float32)


def fit_ratings(
    users: Rows,
    items: Rows,
    ratings: Floats,
    *,
    user_count: int,
    item_count: int,
    factors: int = FACTORS,
    seed: int = 0,
) -> RatingModel:
    """Learn from n ratings: biases first, each its mean residual shrunk towards zero, then factors of what is left.

    A row without ratings gets zeros. Raises ValueError without any rating.
    """
    if not len(ratings):
        raise ValueError("ratings is empty; expected at least one rating to learn from")
    mean = float(ratings.mean())
    user_bias, item_bias = _biases(users, items, ratings - mean, user_count, item_count)
    residual = (ratings - mean - user_bias[users] - item_bias[items]).astype(np.float64)
    theirs = np.random.default_rng(seed).normal(0.0, 0.1, (item_count, factors))
    mine = np.zeros((user_count, factors))
    for _ in range(SWEEPS):
        mine = _step(theirs, users, items, residual, user_count)
        theirs = _step(mine, items, users, residual, item_count)
    return RatingModel(
        mean,
        np.column_stack([user_bias, mine]).astype(np.float32),
        np.column_stack([item_bias, theirs]).astype(np.float32),
        float(ratings.min()),
        float(ratings.max()),
    )


def _rows(table: Floats, rows: Rows) -> _Doubles:
    """Return (n, 1 + k) the rows of `table`, zeros for -1."""
    found = np.zeros((len(rows), table.shape[1]))
    known = rows >= 0
    found[known] = table[rows[known]]
    return found


def _biases(users: Rows, items: Rows, offsets: Floats, user_count: int, item_count: int) -> tuple[_Doubles, _Doubles]:
    user_bias, item_bias = np.zeros(user_count), np.zeros(item_count)
    user_seen = np.bincount(users, minlength=user_count) + SHRINKAGE
    item_seen = np.bincount(items, minlength=item_count) + SHRINKAGE
    for _ in range(SWEEPS):
        user_bias = np.bincount(users, offsets - item_bias[items], minlength=user_count) / user_seen
        item_bias = np.bincount(items, offsets - user_bias[users], minlength=item_count) / item_seen
    return user_bias, item_bias


def _step(fixed: _Doubles, mine: Rows, theirs: Rows, residual: _Doubles, count: int) -> _Doubles:
    """Return factors (count, k) that are exact for `fixed` ones: one ridge regression a row."""
    size = fixed.shape[1]
    order = np.argsort(mine, kind="stable")
    bounds = np.searchsorted(mine[order], np.arange(count + 1))
    solved = np.zeros((count, size))
    for row in np.flatnonzero(np.diff(bounds)):
        entries = order[bounds[row] : bounds[row + 1]]
        vectors = fixed[theirs[entries]]
        left = vectors.T @ vectors + REGULARIZATION * np.eye(size)
        solved[row] = np.linalg.solve(left, vectors.T @ residual[entries])
    return solved
