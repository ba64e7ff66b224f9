"""Where scores put an item among all others: seen items left out, NaN last, ties by a salted hash, never by row."""

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.evaluation.salted import Ties
from ranker.interactions import Histories

Scores = NDArray[np.float32] | NDArray[np.float64]
"""(m, n) higher is better, NaN where a model cannot say."""


def seen(histories: Histories, item_count: int) -> Mask:
    """Return (m, items) True for each item that a user's history holds."""
    mask = np.zeros((len(histories), item_count), dtype=np.bool_)
    mask[histories.users, histories.items] = True
    return mask


def places(scores: Scores, ties: Ties, targets: Rows, *, left_out: Mask | None = None) -> Rows:
    """Return (m,) how many items stand before each row's target, by scores (m, n) and then by `ties` (n,).

    `left_out` (m, n) items stand nowhere. Raises ValueError where a target is among them.
    """
    filled = np.where(np.isnan(scores), -np.inf, scores)
    rows = np.arange(len(filled))
    own = filled[rows, targets][:, None]
    before = (filled > own) | ((filled == own) & (ties < ties[targets][:, None]))
    if left_out is not None:
        if left_out[rows, targets].any():
            raise ValueError(f"left_out holds {left_out[rows, targets].sum()} targets; expected none")
        before &= ~left_out
    return np.asarray(before.sum(axis=1), dtype=np.int64)


def ranked(scores: Scores, ties: Ties, limit: int, *, left_out: Mask | None = None) -> Rows:
    """Return (m, min(limit, n)) the best columns of scores (m, n), best first; -1 where only `left_out` ones remain."""
    late = np.zeros(scores.shape, dtype=np.bool_) if left_out is None else left_out
    filled = np.where(np.isnan(scores), -np.inf, scores)
    order = np.lexsort((np.broadcast_to(ties, scores.shape), -filled, late), axis=1)[:, :limit]
    return np.where(np.take_along_axis(late, order, axis=1), -1, order)


def hits(placed: Rows, depth: int) -> NDArray[np.bool_]:
    """Return (m, depth) True at the place of each target, as ranker.metrics reads it."""
    return np.asarray(placed[:, None] == np.arange(depth), dtype=np.bool_)
