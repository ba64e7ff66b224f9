"""Plait itself, judged as the others are: it learns from the split and nothing else."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.peers.peer import Settings
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
    """Plait on the items of a workspace; parts of the score in `without` weigh nothing."""

    items: TrainingItems
    name: str = "plait"
    without: tuple[str, ...] = ()

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing: `fit` chooses its settings itself, inside what it learns from."""
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedPlait:
        """Train on the split, as `plait train` does on the whole log."""
        ranker = fit_ranker(split.train, self.items.vectors, self.items.features, seed=seed, without=self.without)
        return FittedPlait(ranker, self.items.vectors)
