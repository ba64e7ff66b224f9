"""Models whose right answer is known: an oracle, one that cannot say anything, one that reads rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories


@dataclass(frozen=True)
class FittedOracle:
    """Scores the target of each history 1 and all else 0; a history is known by its entries."""

    targets: Mapping[tuple[int, ...], int]
    item_count: int
    chosen: Mapping[str, float]

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items)."""
        scores = np.zeros((len(histories), self.item_count), dtype=np.float32)
        for user in range(len(histories)):
            key = tuple(histories.items[histories.offsets[user] : histories.offsets[user + 1]].tolist())
            scores[user, self.targets[key]] = 1.0
        return scores


@dataclass(frozen=True)
class Oracle:
    """Knows the answers."""

    name: str = "oracle"

    def fit(self, split: Split) -> FittedOracle:
        """Look them up."""
        offsets = split.histories.offsets.tolist()
        keys = [tuple(split.histories.items[a:b].tolist()) for a, b in pairwise(offsets)]
        targets = dict(zip(keys, split.targets.tolist(), strict=True))
        return FittedOracle(targets, len(split.item_ids), {"salt": split.salt})


@dataclass(frozen=True)
class FittedShy:
    """Cannot say anything of `item_count` items."""

    item_count: int

    @property
    def chosen(self) -> Mapping[str, float]:
        """Return nothing."""
        return {}

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) NaN."""
        return np.full((len(histories), self.item_count), np.nan, dtype=np.float32)


@dataclass(frozen=True)
class Shy:
    """Cannot say anything."""

    name: str = "shy"

    def fit(self, split: Split) -> FittedShy:
        """Learn nothing."""
        return FittedShy(len(split.item_ids))


@dataclass(frozen=True)
class FittedCheater:
    """Bets on the row behind the last one seen; `item_count` items."""

    item_count: int

    @property
    def chosen(self) -> Mapping[str, float]:
        """Return nothing."""
        return {}

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items), higher the closer a row comes behind the last one seen."""
        last = histories.items[histories.offsets[1:] - 1]
        away = (np.arange(self.item_count) - last[:, None] - 1) % self.item_count
        return -away.astype(np.float32)


@dataclass(frozen=True)
class Cheater:
    """Reads rows: where items are numbered as they first appear in the log, the next row is often the next item."""

    name: str = "cheater"

    def fit(self, split: Split) -> FittedCheater:
        """Learn nothing."""
        return FittedCheater(len(split.item_ids))
