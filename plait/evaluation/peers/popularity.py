"""Popularity: the items most users met, the same for everybody."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.peers.peer import Settings
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories


@dataclass(frozen=True, slots=True)
class FittedPopularity:
    """Counts of events by item (items,)."""

    counts: Floats

    def scores(self, histories: Histories) -> Floats:
        """Return the same counts for each of m users."""
        return np.tile(self.counts, (len(histories), 1))


class Popularity:
    """Ranks by the number of events."""

    name = "popularity"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing: there is nothing to choose."""
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedPopularity:
        """Count the events of each item."""
        counts = np.bincount(split.train.items, minlength=split.train.item_count)
        return FittedPopularity(counts.astype(np.float32))
