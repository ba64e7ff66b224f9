"""Content: the items whose fused vectors are like those the user liked; nobody else's taste is read."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.peers.item_content import aligned
from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from plait.flows.train import TrainingItems
from ranker.interactions import Floats, Histories
from ranker.recency import decay

SETTINGS = grid(time_constant=(3.0, 10.0, 30.0, 1000.0), aversion=(0.0, 0.3, 1.0))
HISTORY = 300
"""The last events of a user that are read."""
USERS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class FittedContent:
    """`vectors` (items, D) fused; `time_constant` in events; `aversion` is what a dislike weighs beside a liking."""

    vectors: Floats
    time_constant: float
    aversion: float

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) inner products with the profile: the sum of weighted vectors, newer events first."""
        scores = np.zeros((len(histories), len(self.vectors)), dtype=np.float32)
        for start in range(0, len(histories), USERS_AT_ONCE):
            rows = np.arange(start, min(start + USERS_AT_ONCE, len(histories)))
            recent = histories.take(rows).recent(HISTORY)
            said = np.maximum(recent.weights, 0.0) - self.aversion * np.maximum(-recent.weights, 0.0)
            said = said * decay(recent, self.time_constant)
            profiles = np.einsum("mw,mwd->md", said, self.vectors[recent.items])
            scores[rows] = profiles @ self.vectors.T
        return scores


@dataclass(frozen=True, slots=True)
class Content:
    """The content-only model (Lops, de Gemmis, Semeraro 2011: a profile in the space of the items).

    A profile is sum_i w_i d_i v_i: w_i the weight of an event (a dislike's times `aversion`), d_i its decay by place,
    v_i the item's fused vector. Nothing is learnt, so an item nobody has met is ranked as any other.
    """

    items: TrainingItems
    name: str = "content"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose how fast taste fades and how much a dislike weighs."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedContent:
        """Take the vectors of the split's items."""
        vectors = aligned(self.items, split.item_ids).vectors
        return FittedContent(vectors, settings["time_constant"], settings["aversion"])
