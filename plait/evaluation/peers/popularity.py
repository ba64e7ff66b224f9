"""Popularity: the items most users met, the same for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories


@dataclass(frozen=True, slots=True)
class FittedPopularity:
    """Counts of events by item (items,)."""

    counts: Floats

    @property
    def chosen(self) -> Mapping[str, float]:
        """Return nothing: there is nothing to choose."""
        return {}

    def scores(self, histories: Histories) -> Floats:
        """Return the same counts for each of m users."""
        return np.tile(self.counts, (len(histories), 1))


class Popularity:
    """Ranks by the number of events."""

    name = "popularity"

    def fit(self, split: Split) -> FittedPopularity:
        """Count the events of each item."""
        counts = np.bincount(split.train.items, minlength=split.train.item_count)
        return FittedPopularity(counts.astype(np.float32))
