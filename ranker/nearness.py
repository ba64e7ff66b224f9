"""Nearness: how close to one another two items were met, summed over users."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Histories, Rows

BLOCK = 1_024
Square = NDArray[np.float32] | NDArray[np.float64]
"""(k, k), symmetric where it is a Gram matrix."""


def once(histories: Histories, *, liked: bool = False) -> Histories:
    """Return the histories with each pair of user and item once, at its last event; with `liked` likings alone."""
    rows = np.flatnonzero(histories.weights > 0) if liked else np.arange(len(histories.items))
    pairs = histories.users[rows] * (int(histories.items.max(initial=0)) + 1) + histories.items[rows]
    _, behind = np.unique(pairs[::-1], return_index=True)
    entries = rows[np.sort(len(rows) - 1 - behind)]
    return Histories(
        np.searchsorted(entries, histories.offsets), histories.items[entries], histories.times[entries],
        histories.weights[entries], histories.now,
    )  # fmt: skip


def add_near_gram(square: Square, histories: Histories, rows: Rows, item_count: int, reach: float) -> None:
    """Add to `square` (k, k), for items `rows` (k,), the sum over users of exp(-|place - place| / reach).

    The histories hold each pair once. It is a Gram matrix, for exp(-|x - y|) is a positive definite kernel (Laplace);
    with an endless reach it counts the users who met both.
    """
    columns = np.full(item_count, -1, dtype=np.int64)
    columns[rows] = np.arange(len(rows))
    entries = np.flatnonzero(columns[histories.items] >= 0)
    bounds = np.searchsorted(entries, histories.offsets).tolist()
    items, moments = columns[histories.items[entries]], entries / reach
    for first, last in pairwise(bounds):
        for start in range(first, last, BLOCK):
            some = slice(start, min(start + BLOCK, last))
            nearness = np.exp(-np.abs(moments[some, None] - moments[None, first:last]))
            # No item comes twice among one user's, so that this adds each number once.
            square[np.ix_(items[some], items[first:last])] += nearness
