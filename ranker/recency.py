"""Recency: how much an older event still counts."""

import numpy as np

from ranker.interactions import Floats, Recent


def decay(recent: Recent, time_constant: float) -> Floats:
    """Return (m, width) 1 / (1 + place / time_constant), place 0 being the newest entry; 0 where there is no entry.

    The hyperbola is the law of human forgetting (Anderson, Schooler 1991): unlike an exponential it keeps a long tail
    of old taste beside the present mood.
    """
    places = np.arange(recent.items.shape[1], dtype=np.float32)
    return np.asarray((1.0 / (1.0 + places / time_constant))[None, :] * recent.used, dtype=np.float32)


def contact(recent: Recent, time_constant: float) -> Floats:
    """Return (m, width) the decay of each entry whose item was not strongly disliked (a weight of -1 or below), else 0.

    What follows on an item follows on having met it, liked a little or much. Entries of unknown items (-1) say nothing.
    """
    return np.asarray(decay(recent, time_constant) * ((recent.weights > -1.0) & (recent.items >= 0)), dtype=np.float32)


def salience(recent: Recent, time_constant: float) -> Floats:
    """Return (m, width) how loud each entry speaks: its decay times max(1 + event weight, 0).

    A neutral contact says 1, a liking more, a strong dislike nothing. Entries of unknown items (-1) say nothing.
    """
    loudness = np.maximum(1.0 + recent.weights, 0.0) * (recent.items >= 0)
    return np.asarray(decay(recent, time_constant) * loudness, dtype=np.float32)
