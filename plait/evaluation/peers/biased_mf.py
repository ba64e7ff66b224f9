"""Biased MF: items by predicted rating, mean + b_u + b_i + p_u^T q_i, learnt by SGD (Funk 2006; Koren et al. 2009)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.evaluation.peers.id_rows import IdRows
from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from plait.history import Log
from ranker.interactions import Floats, Histories
from ranker.rating_gradient import Descent, fit_ratings_by_gradient

SETTINGS = grid(factors=(16, 50), epochs=(20, 50), regularization=(0.02, 0.05, 0.1))
LEARNING_RATE = 0.005
FIRMNESS = 2.0
"""How much stronger a user's ridge is than the descent's: the descent stops early, an exact step does not."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What rating an event of some weight amounts to: `rating = offset + slope * weight`."""

    offset: float
    slope: float

    @classmethod
    def of(cls, log: Log) -> "Scale":
        """Return the line of least squares through the rated events; weights themselves where there are none."""
        rated = ~np.isnan(log.ratings)
        if not rated.any():
            return cls(0.0, 1.0)
        weights, ratings = log.weights[rated].astype(np.float64), log.ratings[rated].astype(np.float64)
        spread = weights - weights.mean()
        slope = float(spread @ ratings / max(spread @ spread, 1e-12))
        return cls(float(ratings.mean() - slope * weights.mean()), slope)

    def ratings(self, weights: Floats) -> NDArray[np.float64]:
        """Return the ratings (n,) that weights (n,) amount to."""
        return self.offset + self.slope * weights.astype(np.float64)


@dataclass(frozen=True, slots=True)
class FittedBiasedMf:
    """`items` (items, 1 + k), bias first; `ridge` is that of a user's factors for each of their ratings."""

    mean: float
    items: Floats
    ridge: float
    scale: Scale

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) predicted ratings, not clipped: a clipped one would tie with others."""
        users = self.users(histories)
        rated = users[:, 1:] @ self.items[:, 1:].T + users[:, :1] + self.items[:, 0] + self.mean
        return np.asarray(rated, dtype=np.float32)

    def ratings(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,) the rating that user i would give to the item at row `items[i]`."""
        users, theirs = self.users(histories), self.items[items]
        taste = np.einsum("mk,mk->m", users[:, 1:], theirs[:, 1:])
        return np.asarray(self.mean + users[:, 0] + theirs[:, 0] + taste, dtype=np.float32)

    def users(self, histories: Histories) -> NDArray[np.float64]:
        """Return (m, 1 + k) bias and factors of users, exact for the fixed items: a ridge regression a user.

        A history tells weights, not ratings; they are read back by `scale`.
        """
        wanted = self.scale.ratings(histories.weights) - self.mean - self.items[histories.items, 0]
        users = np.zeros((len(histories), self.items.shape[1]))
        bounds = histories.offsets.tolist()
        for user in np.flatnonzero(histories.lengths).tolist():
            mine = slice(bounds[user], bounds[user + 1])
            vectors = self.items[histories.items[mine]].astype(np.float64)
            vectors[:, 0] = 1.0
            ridge = self.ridge * len(vectors) * np.eye(len(users[user]))
            users[user] = np.linalg.solve(vectors.T @ vectors + ridge, vectors.T @ wanted[mine])
        return users


class BiasedMf:
    """Biased MF over the ratings; where a log has none, over the weights of its events, which is no rating prediction.

    Ranking by predicted rating ignores what people choose to meet and is known to rank worse than counting events
    (Cremonesi, Koren, Turrin 2010); it is here for what it says of ratings.
    """

    name = "biased-mf"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose the number of factors, of epochs, and the regularization."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedBiasedMf:
        """Learn from the ratings, from a start and in an order that `seed` and the ids decide."""
        users, items, ratings, order = _ratings(split)
        descent = Descent(int(settings["factors"]), int(settings["epochs"]), LEARNING_RATE, settings["regularization"])
        learnt = fit_ratings_by_gradient(
            users, items, ratings, user_count=len(split.user_ids), item_count=len(split.item_ids),
            descent=descent, seed=seed,
        )  # fmt: skip
        ridge = FIRMNESS * settings["regularization"]
        return FittedBiasedMf(learnt.mean, learnt.items[order.items], ridge, Scale.of(split.learnt))


def _ratings(split: Split) -> tuple[Rows, Rows, Floats, IdRows]:
    """Return users, items and ratings (n,) in an order that ids decide, and that order."""
    log, order = split.learnt, IdRows.of(split)
    rated = ~np.isnan(log.ratings)
    ratings = log.ratings if rated.any() else log.weights
    rows = np.flatnonzero(rated) if rated.any() else np.arange(len(ratings))
    users, items = order.users[log.users[rows]], order.items[log.items[rows]]
    sorting = np.lexsort((ratings[rows], log.times[rows], items, users))
    return users[sorting], items[sorting], ratings[rows][sorting], order
