"""Followers: the items that item weights rank first for a history, as candidates."""

import numpy as np

from ranker.interactions import Floats, Rows
from ranker.item_weights import ItemWeights


def followers(
    item_weights: ItemWeights, recent: Rows, strengths: Floats, limit: int, *, allowed: Rows | None = None
) -> Rows:
    """Return (m, limit) places in the square that follow most from recent places (m, width), best first, -1 padded.

    Scores are those of `ItemWeights.score`: the sum of strength times weight. Only places that some event speaks for
    (a score above 0) come back, and of `allowed` places alone where given; equal scores by ascending place. Raises
    ValueError for a `limit` below 1.
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}; expected at least 1")
    found = np.full((len(recent), limit), -1, dtype=np.int64)
    size = len(item_weights.rows)
    if not size:
        return found
    barred = np.ones(size, dtype=np.bool_)
    barred[np.arange(size) if allowed is None else allowed] = False
    for user, places in enumerate(recent):
        used = np.flatnonzero((places >= 0) & (strengths[user] != 0))
        if not len(used):
            continue
        scores = strengths[user, used] @ item_weights.weights[places[used]]
        scores[barred] = 0.0
        best = _best(scores, min(limit, size))
        best = best[scores[best] > 0]
        found[user, : len(best)] = best
    return found


def _best(scores: Floats, limit: int) -> Rows:
    """Return the `limit` places with the highest scores, best first, equal ones by ascending place."""
    if limit >= len(scores):
        return np.argsort(-scores, kind="stable")
    edge = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    # All that reach the edge, so that equal scores there are cut by place and not by the partition's whim.
    near = np.flatnonzero(scores >= edge)
    return np.asarray(near[np.argsort(-scores[near], kind="stable")][:limit], dtype=np.int64)
