"""Rating prediction: biases of users and items (Koren, Bell, Volinsky 2009) in closed form, with shrinkage."""

from dataclasses import dataclass

import numpy as np

from ranker.interactions import Floats, Rows

SHRINKAGE = 10.0
"""Ratings that a bias of zero counts for."""
SWEEPS = 10


@dataclass(frozen=True, slots=True)
class RatingModel:
    """`r_ui = mean + b_u + b_i`; a row of -1 is unknown and has no bias."""

    mean: float
    users: Floats
    items: Floats
    low: float
    high: float

    def predict(self, users: Rows, items: Rows) -> Floats:
        """Return predicted ratings (n,) within the scale seen."""
        user_bias = np.where(users >= 0, self.users[np.maximum(users, 0)], 0.0) if len(self.users) else 0.0
        item_bias = np.where(items >= 0, self.items[np.maximum(items, 0)], 0.0) if len(self.items) else 0.0
        return np.clip(self.mean + user_bias + item_bias, self.low, self.high).astype(np.float32)


def fit_ratings(users: Rows, items: Rows, ratings: Floats, *, user_count: int, item_count: int) -> RatingModel:
    """Learn from n ratings by alternating exact steps: each bias is its mean residual, shrunk towards zero.

    Raises ValueError without any rating.
    """
    if not len(ratings):
        raise ValueError("ratings is empty; expected at least one rating to learn from")
    mean = float(ratings.mean())
    user_bias, item_bias = np.zeros(user_count), np.zeros(item_count)
    user_seen = np.bincount(users, minlength=user_count) + SHRINKAGE
    item_seen = np.bincount(items, minlength=item_count) + SHRINKAGE
    for _ in range(SWEEPS):
        user_bias = np.bincount(users, ratings - mean - item_bias[items], minlength=user_count) / user_seen
        item_bias = np.bincount(items, ratings - mean - user_bias[users], minlength=item_count) / item_seen
    low, high = float(ratings.min()), float(ratings.max())
    return RatingModel(mean, user_bias.astype(np.float32), item_bias.astype(np.float32), low, high)
