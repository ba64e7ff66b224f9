"""Item-kNN: items that the same users met (Sarwar et al. 2001), cosine with shrinkage, the nearest few."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories, Interactions

SETTINGS = grid(shrinkage=(0.0, 20.0, 100.0), neighbours=(50, 100, 200, 400))


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
        return FittedItemKnn(_nearest(_cosine(split.train, settings["shrinkage"]), int(settings["neighbours"])))


def _cosine(interactions: Interactions, shrinkage: float) -> Floats:
    """Return |A and B| / (sqrt(|A| |B|) + shrinkage), 0 on the diagonal."""
    shape = (interactions.user_count, interactions.item_count)
    pairs = np.unique(np.stack([interactions.users, interactions.items], axis=1), axis=0)
    met = csr_matrix((np.ones(len(pairs), np.float32), (pairs[:, 0], pairs[:, 1])), shape=shape)
    together = (met.T @ met).toarray()
    sizes = np.sqrt(np.diag(together))
    cosine = together / np.maximum(np.outer(sizes, sizes) + shrinkage, 1e-9)
    np.fill_diagonal(cosine, 0.0)
    return np.asarray(cosine, dtype=np.float32)


def _nearest(cosine: Floats, neighbours: int) -> "csr_array":
    """Keep of each column the `neighbours` largest."""
    if neighbours >= len(cosine):
        return csr_array(cosine)
    bound = np.partition(cosine, -neighbours, axis=0)[-neighbours]
    return csr_array(np.where(cosine >= np.maximum(bound, 1e-9), cosine, 0.0).astype(np.float32))
