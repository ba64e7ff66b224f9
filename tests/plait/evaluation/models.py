"""Models whose right answer is known: an oracle, one that cannot say anything, one that reads rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from plait.evaluation.peers.peer import Settings
from plait.evaluation.protocols import splitter
from plait.evaluation.splits import Split
from plait.history import Log
from ranker.interactions import Floats, Histories, Rows


@dataclass(frozen=True)
class FittedOracle:
    """Scores the targets of each history 1 and all else 0; a history is known by its entries."""

    targets: Mapping[tuple[int, ...], Sequence[int]]
    item_count: int

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items)."""
        scores = np.zeros((len(histories), self.item_count), dtype=np.float32)
        for user in range(len(histories)):
            key = tuple(histories.items[histories.offsets[user] : histories.offsets[user + 1]].tolist())
            scores[user, self.targets.get(key, [])] = 1.0
        return scores


@dataclass(frozen=True)
class Oracle:
    """Was given the whole log, and knows how it is parted."""

    log: Log
    protocol: str = "last-liked"
    name: str = "oracle"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing."""
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedOracle:
        """Look the answers up."""
        whole = next(part for part in splitter(self.protocol)(self.log, split.salt) if part.part == split.part)
        targets: dict[tuple[int, ...], list[int]] = {}
        spans = zip(pairwise(whole.histories.offsets.tolist()), pairwise(whole.target_offsets.tolist()), strict=True)
        for (a, b), (c, d) in spans:
            targets.setdefault(tuple(whole.histories.items[a:b].tolist()), []).extend(whole.targets[c:d].tolist())
        return FittedOracle(targets, len(split.item_ids))


@dataclass(frozen=True)
class Peeker:
    """Reads the answers off the split it is handed."""

    name: str = "peeker"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing."""
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedOracle:
        """Note all targets there are, for a history of any kind."""
        known: dict[tuple[int, ...], list[int]] = {(): split.targets.tolist()}
        offsets = split.histories.offsets.tolist()
        known |= {
            tuple(split.histories.items[a:b].tolist()): split.targets[place : place + 1].tolist()
            for place, (a, b) in enumerate(pairwise(offsets))
        }
        return FittedOracle(known, len(split.item_ids))


@dataclass(frozen=True)
class FittedShy:
    """Cannot say anything of `item_count` items."""

    item_count: int

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) NaN."""
        return np.full((len(histories), self.item_count), np.nan, dtype=np.float32)


@dataclass(frozen=True)
class Shy:
    """Cannot say anything."""

    name: str = "shy"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing."""
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedShy:
        """Learn nothing."""
        return FittedShy(len(split.item_ids))


@dataclass(frozen=True)
class FittedCheater:
    """Bets on the row behind the last one seen; `item_count` items."""

    item_count: int

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items), higher the closer a row comes behind the last one seen."""
        last = histories.items[histories.offsets[1:] - 1]
        away = (np.arange(self.item_count) - last[:, None] - 1) % self.item_count
        return -away.astype(np.float32)


@dataclass(frozen=True)
class Cheater:
    """Reads rows: where items are numbered as they first appear in the log, the next row is often the next item."""

    name: str = "cheater"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing."""
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedCheater:
        """Learn nothing."""
        return FittedCheater(len(split.item_ids))


@dataclass(frozen=True)
class Chooser:
    """Chooses always the same, and keeps on what and how often."""

    name: str = "chooser"
    chosen_on: list[str] = field(default_factory=list)
    fitted_with: list[Settings] = field(default_factory=list)

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Note the split."""
        self.chosen_on.append(validation.fingerprint)
        return {"depth": 3.0}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedShy:
        """Note the settings."""
        self.fitted_with.append(settings)
        return FittedShy(len(split.item_ids))


@dataclass(frozen=True)
class FittedThree(FittedShy):
    """Says 3 for every rating."""

    def ratings(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,)."""
        return np.full(len(items), 3.0, dtype=np.float32)


@dataclass(frozen=True)
class Three:
    """Ranks by nothing and predicts the rating 3."""

    name: str = "three"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing."""
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedThree:
        """Learn nothing."""
        return FittedThree(len(split.item_ids))


@dataclass(frozen=True)
class FittedHalf(FittedShy):
    """Says one half for every chance, nothing of item 0, and chose something while it learnt."""

    chose: float = 7.0

    @property
    def chosen(self) -> Settings:
        """What it chose."""
        return {"breadth": self.chose, "always": 1.0}

    def chances(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,)."""
        assert len(histories) == len(items)
        return np.where(items == 0, np.nan, 0.5).astype(np.float32)


@dataclass(frozen=True)
class Half:
    """Ranks by nothing and says chances; keeps what it was handed."""

    name: str = "half"
    handed: list[Split] = field(default_factory=list)

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing, and keep the split."""
        self.handed.append(validation)
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedHalf:
        """Learn nothing, and choose the seed."""
        self.handed.append(split)
        return FittedHalf(len(split.item_ids), chose=float(seed))
