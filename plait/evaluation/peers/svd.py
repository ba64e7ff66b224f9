"""PureSVD: the history projected on the leading right singular vectors (Cremonesi, Koren, Turrin 2010)."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.peers.id_rows import IdRows
from plait.evaluation.peers.met import met
from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories

SETTINGS = grid(rank=(8, 16, 24, 32, 48, 64), liked=(0, 1))


@dataclass(frozen=True, slots=True)
class FittedSvd:
    """Right singular vectors (items, rank), and whether only likings are read."""

    vectors: Floats
    liked: bool

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) the projections r V V^T of what was met."""
        read = met(histories, len(self.vectors), liked=self.liked)
        return np.asarray((read @ self.vectors) @ self.vectors.T, dtype=np.float32)


class Svd:
    """Truncated SVD of who met what, absent pairs being zero; at most one less than users and items are factors."""

    name = "svd"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose the rank, and whether an event that is no liking counts."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedSvd:
        """Find the leading singular vectors."""
        from scipy.sparse.linalg import svds

        liked, order = bool(settings["liked"]), IdRows.of(split)
        train = order.interactions()
        pairs = met(train.histories(), train.item_count, liked=liked).astype(np.float64)
        rank = min(int(settings["rank"]), min(pairs.shape) - 1)
        if rank < 1 or not pairs.nnz:
            return FittedSvd(np.zeros((train.item_count, 1), dtype=np.float32), liked)
        start = np.random.default_rng(seed).normal(size=min(pairs.shape))
        _, _, vectors = svds(pairs, k=rank, v0=start)
        return FittedSvd(np.ascontiguousarray(vectors.T[order.items], dtype=np.float32), liked)
