"""Logs of users whose taste lies in one direction, and a slow reference of what is expected of them."""

import numpy as np

from ranker.interactions import Floats, Interactions, Rows
from ranker.taste import Taste
from tests.ranker.logs import log

SIDES = 12
"""Items of each of the two sides."""


def two_sides(users: int, *, events: int = 8, seed: int = 0) -> Interactions:
    """Return a log where even users like items 0..11 and dislike the others, and odd users the other way round."""
    rng = np.random.default_rng(seed)
    found = []
    for user in range(users):
        for time, item in enumerate(rng.permutation(2 * SIDES)[:events].tolist()):
            liked = (item < SIDES) == (user % 2 == 0)
            found.append((user, item, float(time), 1.0 if liked else -1.0))
    return log(*found, users=users, items=2 * SIDES)


def slow_fold(taste: Taste, items: Rows, weights: Floats, start: Floats) -> Floats:
    """Return (r,) the mean of the Gaussian of a taste after one user's events, by the joint covariance of both."""
    heard = taste.says[items].astype(np.float64)
    covariance = heard @ heard.T + taste.noise * np.eye(len(items))
    gain = heard.T @ np.linalg.inv(covariance)
    return np.asarray(start + gain @ (weights - taste.base[items] - heard @ start), dtype=np.float32)


def random_taste(items: int, factors: int, *, seed: int = 0, noise: float = 0.7) -> Taste:
    """Return a taste of numbers drawn evenly; every item is known by some."""
    rng = np.random.default_rng(seed)
    base, expected = rng.normal(size=(2, items)).astype(np.float32)
    says, answers = rng.normal(size=(2, items, factors)).astype(np.float32)
    return Taste(base, says, expected, answers, rng.uniform(0.1, 1.0, items).astype(np.float32), noise)
