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
CHUNK = 1_024

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
    if size:
        for seen, wanted in _batches(interactions, square.places(interactions.item_count), size, seed):
            gram += seen.T @ seen
            _add_rows(cross, seen, wanted)
    predicted = gram @ square.weights
    norm = float((square.weights * predicted).sum())
    scale = max(float((square.weights * cross).sum()) / norm, 0.0) if norm > 0 else 0.0
    return NextItems(square.rows, gram, cross - scale * predicted, scale)


def _add_rows(cross: Square, seen: Floats, wanted: Rows) -> None:
    """Add seen^T Y to `cross`, Y being 1 at each row's wanted place."""
    order = np.argsort(wanted, kind="stable")
    places, starts = np.unique(wanted[order], return_index=True)
    cross[:, places] += np.add.reduceat(seen[order], starts, axis=0).T


def _batches(interactions: Interactions, places: Rows, size: int, seed: int) -> Iterator[tuple[Floats, Rows]]:
    """Yield (n, size) what was seen before n likings, and (n,) the place of each liked item."""
    histories = interactions.histories()
    liked = np.flatnonzero((histories.weights > 0) & (places[histories.items] >= 0))
    liked = liked[liked > histories.offsets[histories.users[liked]]]
    if len(liked) > MOST_LIKINGS:
        liked = np.sort(np.random.default_rng(seed).choice(liked, MOST_LIKINGS, replace=False))
    for start in range(0, len(liked), CHUNK):
        entries = liked[start : start + CHUNK]
        yield _seen(histories, entries, places, size), places[histories.items[entries]]


def _seen(histories: Histories, entries: Rows, places: Rows, size: int) -> Floats:
    first = histories.offsets[histories.users[entries]]
    width = int(np.minimum(entries - first, HISTORY).max())
    back = np.arange(width)
    earlier = entries[:, None] - 1 - back[None, :]
    used = earlier >= first[:, None]
    earlier = np.where(used, earlier, 0)
    where = places[histories.items[earlier]]
    loudness = np.maximum(1.0 + histories.weights[earlier], 0.0) / (1.0 + back / TIME_CONSTANT)
    rows, columns = np.nonzero(used & (where >= 0))
    seen = np.zeros((len(entries), size), dtype=np.float32)
    np.add.at(seen, (rows, where[rows, columns]), loudness[rows, columns].astype(np.float32))
    return seen
