"""The contract of every model that is judged."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from plait.evaluation.ranking import Scores
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories, Rows

Settings = Mapping[str, float]
"""What a peer lets one choose, by name."""


class Fitted(Protocol):
    """A model that has learnt."""

    def scores(self, histories: Histories) -> Scores:
        """Return (m, items), higher is better; NaN where it cannot say, which ranks last.

        Histories may be empty, and of users nobody learnt from.
        """


@runtime_checkable
class KnowsUsers(Protocol):
    """A model that has learnt and knows users by more than what they did: it is told whose histories it is given."""

    def of_users(self, users: Rows) -> Fitted:
        """Return the same model for the histories of `users` (m,), rows of the split's `user_ids`, in that order."""


@runtime_checkable
class PredictsRatings(Protocol):
    """A model that has learnt and also says what rating a user would give; it is then judged by RMSE and MAE too."""

    def ratings(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,) the rating that user i would give to the item at row `items[i]`, NaN where it cannot say."""


@runtime_checkable
class SaysChances(Protocol):
    """A model that has learnt and says how likely a user is to like what is shown: it has a log loss too."""

    def chances(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,) from 0 to 1 the chance that user i likes the item at row `items[i]`, NaN where it cannot say."""


@runtime_checkable
class ChoosesInside(Protocol):
    """A model that chose settings while it learnt, which `Peer.choose` does not know of."""

    @property
    def chosen(self) -> Settings:
        """What it chose, for the report."""


class Peer(Protocol):
    """A model by its name."""

    @property
    def name(self) -> str:
        """The name in tables and after --models."""

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose settings on a split made inside the training data: they are read where the real targets never are."""

    def fit(self, split: Split, settings: Settings, *, seed: int) -> Fitted:
        """Learn from `split.learnt`; the targets are not to be read. `seed` is what all chance comes from."""
