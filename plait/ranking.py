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
    `score = sum of parts`. `pair` are the support and the lift of an item that goes with another, {} for others.
    `propensity` is the probability with which the item came to this place, below 1 only where new items are explored;
    `explored` says that it is one of these, `drawn` that the list is one in which chance has a say. `member` is whom of
    a group the parts are of, where one speaks for all. `friends` are the ids of the user's friends who liked it, where
    the score rests on friends. `sentence` says to the person it is shown to why it is shown, "" where no language was
    asked for.
    """

    rank: int
    item_id: str
    score: float
    title: str
    parts: Mapping[str, float]
    because: tuple[Reason, ...] = ()
    pair: Mapping[str, float] = field(default_factory=dict)
    propensity: float = 1.0
    explored: bool = False
    drawn: bool = False
    member: str = ""
    friends: tuple[str, ...] = ()
    sentence: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the item as `--json` shows it.

        What comes behind `because` is there where it says anything, chances at every place of a list that was drawn.
        """
        shown: dict[str, Any] = {
            "rank": self.rank,
            "item_id": self.item_id,
            "score": self.score,
            "title": self.title,
            "parts": dict(self.parts),
            "because": [{"item_id": reason.item_id, "attention": reason.attention} for reason in self.because],
        }
        more = {
            "pair": dict(self.pair),
            "member": self.member,
            "friends": list(self.friends),
            "sentence": self.sentence,
        }
        chance = {"propensity": self.propensity, "explored": self.explored}
        return shown | {name: said for name, said in more.items() if said} | (chance if self.drawn else {})


@dataclass(frozen=True, slots=True)
class Ranking:
    """Items in the order shown, rank from 1 (or from the offset + 1).

    `model` names the state that answered; `notes` say what the caller should know (an unknown user, a rule that
    left too few). `user_id` or `query_id` name the question in a batch, "" otherwise. `recommendation_id` names what
    was logged of it, for the events that answer it; "" where nothing was.
    """

    items: tuple[RankedItem, ...]
    model: str
    notes: tuple[str, ...] = ()
    user_id: str = ""
    query_id: str = ""
    recommendation_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the ranking as `--json` prints it, with the ids it has."""
        ids = ("user_id", "query_id", "recommendation_id")
        names = {name: value for name in ids if (value := getattr(self, name))}
        return names | {
            "items": [item.to_json() for item in self.items],
            "model": self.model,
            "notes": list(self.notes),
        }
