"""Where scores put an item among all others: seen items left out, NaN last, ties by a salted hash, never by row."""

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.evaluation.salted import Ties
from ranker.interactions import Histories

Scores = NDArray[np.float32] | NDArray[np.float64]
"""(m, n) higher is better, NaN where a model cannot say."""

TARGETS_AT_ONCE = 256
"""Targets looked for at once; bounds the memory where a user has many."""


def seen(histories: Histories, item_count: int) -> Mask:
    """Return (m, items) True for each item that a user's history holds."""
    mask = np.zeros((len(histories), item_count), dtype=np.bool_)
    mask[histories.users, histories.items] = True
    return mask


def places(
    scores: Scores, ties: Ties, targets: Rows, *, owners: Rows | None = None, left_out: Mask | None = None
) -> Rows:
    """Return (t,) how many items stand before each target, by scores (m, n) and then by `ties` (n,).

    `owners` (t,) are the rows of scores in which the targets are looked for; without it there is one target a row.
    `left_out` (m, n) items stand nowhere. Raises ValueError where a target is among them.
    """
    rows = np.arange(len(scores)) if owners is None else owners
    if left_out is not None and left_out[rows, targets].any():
        raise ValueError(f"left_out holds {left_out[rows, targets].sum()} targets; expected none")
    filled = np.where(np.isnan(scores), -np.inf, scores)
    found = np.empty(len(targets), dtype=np.int64)
    for start in range(0, len(targets), TARGETS_AT_ONCE):
        part = slice(start, start + TARGETS_AT_ONCE)
        mine, wanted = filled[rows[part]], targets[part]
        own = np.take_along_axis(mine, wanted[:, None], axis=1)
        before = (mine > own) | ((mine == own) & (ties < ties[wanted][:, None]))
        if left_out is not None:
            before &= ~left_out[rows[part]]
        found[part] = before.sum(axis=1)
    return found


def ranked(scores: Scores, ties: Ties, limit: int, *, left_out: Mask | None = None) -> Rows:
    """Return (m, min(limit, n)) the best columns of scores (m, n), best first; -1 where only `left_out` ones remain."""
    late = np.zeros(scores.shape, dtype=np.bool_) if left_out is None else left_out
    filled = np.where(np.isnan(scores), -np.inf, scores)
    order = np.lexsort((np.broadcast_to(ties, scores.shape), -filled, late), axis=1)[:, :limit]
    return np.where(np.take_along_axis(late, order, axis=1), -1, order)


def hits(placed: Rows, depth: int, *, owners: Rows | None = None, count: int = 0) -> NDArray[np.bool_]:
    """Return (m, depth) True at the place of each target, as ranker.metrics reads it.

    `owners` (t,) are the rows of `count` users whose targets are placed; without it there is one target a row.
    """
    if owners is None:
        return np.asarray(placed[:, None] == np.arange(depth), dtype=np.bool_)
    found = np.zeros((count, depth), dtype=np.bool_)
    near = placed < depth
    found[owners[near], placed[near]] = True
    return found


def without(placed: Rows, owners: Rows, chosen: Mask) -> Rows:
    """Return the places of the `chosen` targets in a ranking that the user's other targets are taken out of.

    `placed` (t,) and `owners` (t,) ascending, as given to `hits`.
    """
    order = np.lexsort((placed, owners))
    others = np.cumsum(~chosen[order])
    starts = np.searchsorted(owners[order], owners[order])
    earlier = np.concatenate(([0], others))[starts]
    fewer = np.empty(len(placed), dtype=np.int64)
    fewer[order] = placed[order] - (others - earlier)
    return fewer[chosen]
