"""Ranking, the answer to every question that asks for items."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """An item of the user's history that speaks for a recommendation, with its share of the attention."""

    item_id: str
    attention: float


@dataclass(frozen=True, slots=True)
class RankedItem:
    """One place of a ranking.

    `parts` explain `score`: for recommendations `score = sigmoid(sum of parts)`, for search and similar items
    `score = sum of parts`. `pair` are the support and the lift of an item that goes with another, {} for others;
    `friends` the ids of the user's friends who liked it, where the score rests on friends.
    """

    rank: int
    item_id: str
    score: float
    title: str
    parts: Mapping[str, float]
    because: tuple[Reason, ...] = ()
    pair: Mapping[str, float] = field(default_factory=dict)
    friends: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the item as `--json` shows it; `pair` and `friends` are there where they say anything."""
        shown: dict[str, Any] = {
            "rank": self.rank,
            "item_id": self.item_id,
            "score": self.score,
            "title": self.title,
            "parts": dict(self.parts),
            "because": [{"item_id": reason.item_id, "attention": reason.attention} for reason in self.because],
        }
        friends = {"friends": list(self.friends)} if self.friends else {}
        return shown | ({"pair": dict(self.pair)} if self.pair else {}) | friends


@dataclass(frozen=True, slots=True)
class Ranking:
    """Items in the order shown, rank from 1 (or from the offset + 1).

    `model` names the state that answered; `notes` say what the caller should know (an unknown user, a rule that
    left too few). `user_id` or `query_id` name the question in a batch, "" otherwise.
    """

    items: tuple[RankedItem, ...]
    model: str
    notes: tuple[str, ...] = ()
    user_id: str = ""
    query_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the ranking as `--json` prints it, with user_id or query_id where it has one."""
        names = {name: value for name in ("user_id", "query_id") if (value := getattr(self, name))}
        return names | {
            "items": [item.to_json() for item in self.items],
            "model": self.model,
            "notes": list(self.notes),
        }
