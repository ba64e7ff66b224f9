"""Item-kNN: items that the same users met (Sarwar et al. 2001), cosine with shrinkage, the nearest few."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories, Interactions

SETTINGS = grid(shrinkage=(0.0, 20.0, 100.0), neighbours=(50, 100, 200, 400))
NUMBERS_AT_ONCE = 2**22
"""Pairs of items whose similarity is held before the nearest are chosen: 0.1 GB at most."""
LEAST = np.float32(1e-9)
"""Below this two items are not alike at all."""


@dataclass(frozen=True, slots=True)
class FittedItemKnn:
    """`similar` (items, items): row i holds what an event with item i says for others."""

    similar: "csr_array"

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) the sum of similarities over the history."""
        shape = (len(histories), self.similar.shape[0])
        met = csr_array((np.ones(len(histories.items), np.float32), (histories.users, histories.items)), shape=shape)
        return np.asarray((met @ self.similar).toarray(), dtype=np.float32)


class ItemKnn:
    """Item-kNN over all events."""

    name = "item-knn"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose how many neighbours and how much shrinkage."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedItemKnn:
        """Count who met which two items."""
        return FittedItemKnn(nearest(split.train, settings["shrinkage"], int(settings["neighbours"])))


def nearest(interactions: Interactions, shrinkage: float, neighbours: int) -> "csr_array":
    """Return (items, items) |A and B| / (sqrt(|A| |B|) + shrinkage), of each column the `neighbours` largest.

    Those equal to the least of them are kept too, for a row's place may not decide; nothing stands on the diagonal.
    It is made of NUMBERS_AT_ONCE entries at a time at most, and the square of all items never exists.
    """
    met = _met(interactions)
    count = interactions.item_count
    sizes = np.sqrt(np.bincount(met.indices, minlength=count).astype(np.float32))
    at_once = max(1, NUMBERS_AT_ONCE // max(count, 1))
    turned = met.T.tocsr()
    parts = [
        _nearest(_cosine(turned[start : start + at_once] @ met, sizes, start, shrinkage), neighbours)
        for start in range(0, max(count, 1), at_once)
    ]
    # What a column holds was made as a row: A with B is B with A.
    return csr_array(vstack(parts, format="csr").T, shape=(count, count), dtype=np.float32)


def _met(interactions: Interactions) -> "csr_array":
    """Return (users, items) 1 where a user met an item."""
    shape = (interactions.user_count, interactions.item_count)
    pairs = np.unique(interactions.users * max(interactions.item_count, 1) + interactions.items)
    users, items = np.divmod(pairs, max(interactions.item_count, 1))
    return csr_array((np.ones(len(pairs), np.float32), (users, items)), shape=shape)


def _cosine(together: "csr_array", sizes: Floats, start: int, shrinkage: float) -> "csr_array":
    """Return the shrunken cosines of some items, `start` being the first, with all, without those with themselves."""
    rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
    cosine = together.data / np.maximum(sizes[rows + start] * sizes[together.indices] + np.float32(shrinkage), LEAST)
    others = (rows + start != together.indices) & (cosine >= LEAST)
    return csr_array((cosine[others], (rows[others], together.indices[others])), shape=together.shape)


def _nearest(cosine: "csr_array", neighbours: int) -> "csr_array":
    """Keep of each row the `neighbours` largest, and what equals the least of them."""
    bounds = np.zeros(cosine.shape[0], dtype=np.float32)
    for row in np.flatnonzero(np.diff(cosine.indptr) > neighbours).tolist():
        mine = cosine.data[cosine.indptr[row] : cosine.indptr[row + 1]]
        bounds[row] = np.partition(mine, -neighbours)[-neighbours]
    rows = np.repeat(np.arange(cosine.shape[0]), np.diff(cosine.indptr))
    kept = cosine.data >= bounds[rows]
    return csr_array((cosine.data[kept], (rows[kept], cosine.indices[kept])), shape=cosine.shape)
