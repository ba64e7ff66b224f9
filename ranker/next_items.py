"""Next items: what item weights miss of the item that is liked next, learnt from every liking and what came before."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Histories, Interactions, Rows
from ranker.item_weights import ItemWeights

TIME_CONSTANT = 4.0
"""Places back at which an entry counts half."""
HISTORY = 200
"""Entries before a liking that are looked at."""
MOST_LIKINGS = 200_000
"""Likings that are learnt from; of a longer log as many are drawn."""
CHUNK = 256
"""Events of one user that are looked at at once, besides the history of the first."""

Square = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NextItems:
    """The normal equations of `wanted - c * seen @ B` on `seen`, over k places of the square of item weights B.

    `gram` (k, k) is seen^T seen, `rest` (k, k) is seen^T (wanted - c seen B), `scale` is c, fitted by least squares.
    """

    rows: Rows
    gram: Square
    rest: Square
    scale: float

    def solve(self, regularization: float) -> ItemWeights:
        """Return D = (gram + lambda I)^-1 rest, lambda being `regularization` times the mean of gram's diagonal."""
        if not len(self.rows):
            return ItemWeights(self.rows, np.zeros((0, 0), dtype=np.float32))
        strength = regularization * float(np.diag(self.gram).mean()) or 1.0
        left = self.gram + strength * np.eye(len(self.rows))
        return ItemWeights(self.rows, np.linalg.solve(left, self.rest).astype(np.float32))


def next_items(interactions: Interactions, square: ItemWeights, *, seed: int = 0) -> NextItems:
    """Regress each liked item on what its user met before it, beyond what the item weights B say already.

    `seen` is the salience of the earlier entries, newest loudest, `wanted` is 1 for the liked item. So what follows
    what is learnt in its direction (SLIT of Choi et al. 2021), and shrunk to B instead of to nothing.
    """
    size = len(square.rows)
    gram, cross = np.zeros((size, size)), np.zeros((size, size))
    # Of one user's few items a table is small and dense; over all items it would be large and almost empty.
    for columns, seen, wanted in _stretches(interactions, square.places(interactions.item_count), seed):
        gram[np.ix_(columns, columns)] += seen.T @ seen
        told, sums = _summed(wanted, seen)
        cross[np.ix_(columns, told)] += sums.T
    predicted = gram @ square.weights
    norm = float((square.weights * predicted).sum())
    scale = max(float((square.weights * cross).sum()) / norm, 0.0) if norm > 0 else 0.0
    return NextItems(square.rows, gram, cross - scale * predicted, scale)


def _stretches(interactions: Interactions, places: Rows, seed: int) -> Iterator[tuple[Rows, Floats, Rows]]:
    """Yield n likings of one user: c distinct places, (n, c) what was seen there before each, (n,) the places liked."""
    histories = interactions.histories()
    owners = histories.users
    liked = np.flatnonzero((histories.weights > 0) & (places[histories.items] >= 0))
    liked = liked[liked > histories.offsets[owners[liked]]]
    if len(liked) > MOST_LIKINGS:
        liked = np.sort(np.random.default_rng(seed).choice(liked, MOST_LIKINGS, replace=False))
    within = (liked - histories.offsets[owners[liked]]) // CHUNK
    new = (np.diff(owners[liked], prepend=-1) != 0) | (np.diff(within, prepend=-1) != 0)
    for entries in np.split(liked, np.flatnonzero(new)[1:]):
        if len(entries):
            yield *_seen(histories, entries, places), places[histories.items[entries]]


def _seen(histories: Histories, entries: Rows, places: Rows) -> tuple[Rows, Floats]:
    """Return the distinct places (c,) before `entries` (n,) of one user, and (n, c) how loud each is to each."""
    first = histories.offsets[np.searchsorted(histories.offsets, entries[0], side="right") - 1]
    earlier = np.arange(max(first, entries[0] - HISTORY), entries[-1])
    earlier = earlier[places[histories.items[earlier]] >= 0]
    back = entries[:, None] - 1 - earlier
    loudness = np.maximum(1.0 + histories.weights[earlier], 0.0) / (1.0 + np.maximum(back, 0) / TIME_CONSTANT)
    spoken = np.where((back >= 0) & (back < HISTORY), loudness, 0.0).astype(np.float32)
    columns, sums = _summed(places[histories.items[earlier]], spoken.T)
    return columns, sums.T


def _summed(keys: Rows, rows: Floats) -> tuple[Rows, Floats]:
    """Return the distinct `keys` (n,), ascending, and the sums of the `rows` (n, c) of each."""
    order = np.argsort(keys, kind="stable")
    distinct, starts = np.unique(keys[order], return_index=True)
    if not len(keys):
        return distinct, rows
    return distinct, np.add.reduceat(rows[order], starts, axis=0)
