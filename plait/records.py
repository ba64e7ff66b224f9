"""The rows of the store beside items: events, users, relations, exposures."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from embedders.items import AttributeValue

SEEN_EXEMPT = frozenset({"impression", "search"})
"""Events that do not make an item "seen": it may be recommended again."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a user did.

    `item_id` is "" for a search; `value` is dwell in seconds, a rating or an amount, None where there is none;
    `timestamp` is in Unix seconds.
    """

    user_id: str
    item_id: str
    timestamp: float
    event: str = "click"
    value: float | None = None
    event_id: str = ""
    session_id: str = ""
    recommendation_id: str = ""
    query: str = ""

    @property
    def identity(self) -> str:
        """What makes two events the same: `event_id`, or else a hash of the whole row."""
        if self.event_id:
            return self.event_id
        row = (
            self.user_id, self.item_id, repr(self.timestamp), self.event, repr(self.value),
            self.session_id, self.recommendation_id, self.query,
        )  # fmt: skip
        return "row:" + hashlib.sha256("\x1f".join(row).encode()).hexdigest()[:32]


class Interaction(NamedTuple):
    """What a user's history holds of an Event: a plain tuple, for answers read hundreds of them."""

    item_id: str
    event: str
    value: float | None
    timestamp: float


class SessionEvent(NamedTuple):
    """What happened in a session, and whose it was; `query` is "" but for a search."""

    user_id: str
    interaction: Interaction
    query: str


class Searched(NamedTuple):
    """What a user searched for, and when."""

    query: str
    timestamp: float


@dataclass(frozen=True, slots=True)
class User:
    """A user and what is known of them (demographics)."""

    user_id: str
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """An edge of the social graph, from `user_id` to `other_id`."""

    user_id: str
    other_id: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """A slate that was shown: what stood where, chosen by which policy, each with its propensity."""

    recommendation_id: str
    user_id: str
    timestamp: float
    policy: str
    item_ids: tuple[str, ...]
    propensities: tuple[float, ...]
