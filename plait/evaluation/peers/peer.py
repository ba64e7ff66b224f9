"""The contract of every model that is judged."""

from collections.abc import Mapping
from typing import Protocol

from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories


class Fitted(Protocol):
    """A model that has learnt."""

    @property
    def chosen(self) -> Mapping[str, float]:
        """The settings it chose, on validation inside what it learnt from."""

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items), higher is better; NaN where it cannot say, which ranks last."""


class Peer(Protocol):
    """A model by its name."""

    @property
    def name(self) -> str:
        """The name in tables and after --models."""

    def fit(self, split: Split) -> Fitted:
        """Learn from `split.train`; the targets are not there."""
