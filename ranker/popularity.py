"""Popularity: how many liked an item, of late and ever."""

import numpy as np

from ranker.interactions import Floats, Interactions

HALF_LIFE = 30 * 86_400.0
"""Seconds after which a liking counts half."""


def popularity(interactions: Interactions, *, half_life: float = HALF_LIFE) -> Floats:
    """Return log(1 + decayed number of likings) of each item (item_count,), 0 for an item nobody liked.

    Age is counted from the last interaction of the log. Half of each liking does not decay: an old favourite stays
    one.
    """
    if not len(interactions):
        return np.zeros(interactions.item_count, dtype=np.float32)
    ages = interactions.times.max() - interactions.times
    decayed = 0.5 + 0.5 * np.exp2(-ages / half_life)
    liked = np.where(interactions.weights > 0, decayed, 0.0)
    counts = np.bincount(interactions.items, weights=liked, minlength=interactions.item_count)
    return np.log1p(counts).astype(np.float32)
