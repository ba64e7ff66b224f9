"""Rating prediction by stochastic gradient descent (Funk 2006; Koren, Bell, Volinsky 2009, equation 5)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows
from ranker.rating import RatingModel

_Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Descent:
    """How one descends; the defaults are those of the library Surprise's SVD (its documentation, release 1.1)."""

    factors: int = 100
    epochs: int = 20
    learning_rate: float = 0.005
    regularization: float = 0.02
    spread: float = 0.1
    """The standard deviation of the factors at the start; biases start at 0."""


def fit_ratings_by_gradient(
    users: Rows,
    items: Rows,
    ratings: Floats,
    *,
    user_count: int,
    item_count: int,
    descent: Descent | None = None,
    seed: int = 0,
) -> RatingModel:
    """Learn from n ratings, one at a time, in an order drawn from `seed` and the same in every epoch.

    With e = r_ui - (mean + b_u + b_i + p_u^T q_i), step g and strength l, at once: b_u += g (e - l b_u),
    p_u += g (e q_i - l p_u), and the same for the item. A row without ratings gets zeros. Raises ValueError without
    any rating.
    """
    if not len(ratings):
        raise ValueError("ratings is empty; expected at least one rating to learn from")
    how, rng = descent or Descent(), np.random.default_rng(seed)
    mean = float(ratings.mean())
    mine, theirs = (_start(count, how, rng) for count in (user_count, item_count))
    order = rng.permutation(len(ratings))
    users, items, offsets = users[order], items[order], ratings[order].astype(np.float64) - mean
    steps = [(users[rows], items[rows], offsets[rows]) for rows in apart(users, items)]
    for _ in range(how.epochs):
        for user_rows, item_rows, wanted in steps:
            _step(mine, theirs, user_rows, item_rows, wanted, how)
    for side, rows in ((mine, users), (theirs, items)):
        side[np.bincount(rows, minlength=len(side)) == 0] = 0.0
    return RatingModel(
        mean, mine.astype(np.float32), theirs.astype(np.float32), float(ratings.min()), float(ratings.max())
    )


def apart(users: Rows, items: Rows) -> Iterator[Rows]:
    """Yield batches of ascending rows in which no user and no item comes twice, so that a batch is done at once.

    A rating comes in a later batch than every rating of its user or its item before it: done batch by batch, all
    come out as if done one by one in the order given.
    """
    levels = np.empty(len(users), dtype=np.int64)
    user_levels, item_levels = [0] * (int(users.max(initial=-1)) + 1), [0] * (int(items.max(initial=-1)) + 1)
    for row, (user, item) in enumerate(zip(users.tolist(), items.tolist(), strict=True)):
        level = max(user_levels[user], item_levels[item])
        levels[row] = level
        user_levels[user] = item_levels[item] = level + 1
    order = np.argsort(levels, kind="stable")
    bounds = np.flatnonzero(np.diff(levels[order])) + 1
    yield from np.split(order, bounds) if len(order) else []


def _start(count: int, how: Descent, rng: np.random.Generator) -> _Doubles:
    """Return (count, 1 + factors) the bias first."""
    drawn = rng.normal(0.0, how.spread, (count, 1 + how.factors))
    drawn[:, 0] = 0.0
    return drawn


def _step(mine: _Doubles, theirs: _Doubles, users: Rows, items: Rows, wanted: _Doubles, how: Descent) -> None:
    user, item = mine[users], theirs[items]
    error = wanted - user[:, 0] - item[:, 0] - np.einsum("nk,nk->n", user[:, 1:], item[:, 1:])
    pulled = how.learning_rate * error[:, None]
    kept = 1.0 - how.learning_rate * how.regularization
    to_user, to_item = pulled * item, pulled * user
    to_user[:, 0] = to_item[:, 0] = pulled[:, 0]
    mine[users] = kept * user + to_user
    theirs[items] = kept * item + to_item
