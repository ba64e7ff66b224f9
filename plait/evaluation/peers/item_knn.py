"""Item-kNN: items that the same users met (Sarwar et al. 2001), cosine with shrinkage, the nearest few."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from plait.evaluation.splits import Split
from ranker.fit import HeldOut, hold_out
from ranker.interactions import Floats, Histories, Interactions

NEIGHBOURS = (50, 100, 200, 400)
SHRINKAGES = (0.0, 20.0, 100.0)


@dataclass(frozen=True, slots=True)
class FittedItemKnn:
    """`similar` (items, items): row i holds what an event with item i says for others."""

    similar: "csr_array"
    neighbours: int
    shrinkage: float

    @property
    def chosen(self) -> Mapping[str, float]:
        """Return how many neighbours and how much shrinkage did best on validation."""
        return {"neighbours": self.neighbours, "shrinkage": self.shrinkage}

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) the sum of similarities over the history."""
        shape = (len(histories), self.similar.shape[0])
        met = csr_array((np.ones(len(histories.items), np.float32), (histories.users, histories.items)), shape=shape)
        return np.asarray((met @ self.similar).toarray(), dtype=np.float32)


class ItemKnn:
    """Item-kNN over all events, neighbours and shrinkage chosen on each user's last liking in the training data."""

    name = "item-knn"

    def fit(self, split: Split) -> FittedItemKnn:
        """Choose on validation, then learn from everything."""
        held = hold_out(split.train, seed=0)
        best, value = (100, 0.0), -1.0
        for shrinkage in SHRINKAGES:
            cosine = _cosine(held.before, shrinkage)
            for neighbours in NEIGHBOURS:
                found = _gain(FittedItemKnn(_nearest(cosine, neighbours), neighbours, shrinkage), held)
                if found > value:
                    best, value = (neighbours, shrinkage), found
        neighbours, shrinkage = best
        return FittedItemKnn(_nearest(_cosine(split.train, shrinkage), neighbours), neighbours, shrinkage)


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


def _gain(fitted: FittedItemKnn, held: HeldOut) -> float:
    """Return NDCG@10 over the held-out likings."""
    scores = fitted.scores(held.histories)
    scores[held.histories.users, held.histories.items] = -np.inf
    own = scores[np.arange(len(scores)), held.targets]
    ranks = (scores > own[:, None]).sum(axis=1)
    return float(np.where((ranks < 10) & np.isfinite(own), 1.0 / np.log2(ranks + 2.0), 0.0).mean())
