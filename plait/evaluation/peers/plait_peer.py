"""Plait itself, judged as the others are: it learns from the split and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from index import IdMap
from plait.evaluation.disguise import Disguise
from plait.evaluation.splits import Split
from plait.flows.train import TrainingItems
from ranker.fit import fit_ranker
from ranker.interactions import Floats, Histories
from ranker.rank import Ranker

USERS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class FittedPlait:
    """A ranker and the items it ranks."""

    ranker: Ranker
    vectors: Floats

    @property
    def chosen(self) -> Mapping[str, float]:
        """Return how fast history fades."""
        return {"time_constant": self.ranker.time_constant}

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) logits, by the same fold-in and parts that answer a recommendation."""
        scores = np.empty((len(histories), len(self.vectors)), dtype=np.float32)
        everything = np.arange(len(self.vectors))
        for start in range(0, len(histories), USERS_AT_ONCE):
            rows = np.arange(start, min(start + USERS_AT_ONCE, len(histories)))
            users = self.ranker.user_side(histories.take(rows), self.ranker.items, lambda items: self.vectors[items])
            candidates = np.tile(everything, (len(rows), 1))
            scores[rows] = self.ranker.score(users, self.ranker.items, candidates, self.vectors[None]).logits
        return scores


@dataclass(frozen=True, slots=True)
class PlaitPeer:
    """Plait on the items of a workspace."""

    items: TrainingItems
    seed: int = 0
    name: str = "plait"

    def disguised(self, disguise: Disguise) -> "PlaitPeer":
        """Return the same on the same items in disguise."""
        order = disguise.order(len(self.items.item_ids))
        item_ids = IdMap(disguise.ids(list(self.items.item_ids)))
        items = TrainingItems(item_ids, self.items.vectors[order], self.items.features.take(order))
        return replace(self, items=items)

    def fit(self, split: Split) -> FittedPlait:
        """Train on the split, as `plait train` does on the whole log."""
        ranker = fit_ranker(split.train, self.items.vectors, self.items.features, seed=self.seed)
        return FittedPlait(ranker, self.items.vectors)
