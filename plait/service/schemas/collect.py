"""Collecting: what a web page sends."""

from typing import Literal

from pydantic import Field, JsonValue

from plait.service.schemas.form import Answered, Id, Sent, Text

Collectable = Literal[
    "impression", "view", "click", "like", "save", "cart", "share", "skip", "dislike", "hide", "search"
]
MOST_COLLECTED = 100


class CollectedEvent(Sent):
    """An event of a visitor; never a purchase or a rating, which a page cannot prove."""

    event_id: Id
    user_id: Id
    item_id: Text = ""
    event: Collectable
    value: float | None = Field(default=None, ge=0)
    timestamp: float
    session_id: Text = ""
    recommendation_id: Text = ""
    query: Text = ""


class CollectRequest(Sent):
    """A batch of a page's events; `key` is the public one of the site, "" where it has none.

    Each event is to be a CollectedEvent. They are read one by one: one that is none is refused, and stops no other.
    """

    key: Text = ""
    events: list[JsonValue] = Field(max_length=MOST_COLLECTED)


class CollectAnswer(Answered):
    """How many were recorded now, had been before, and will never be."""

    accepted: int
    duplicates: int
    refused: int
