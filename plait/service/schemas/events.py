"""Events: what people did."""

from pydantic import ConfigDict, Field

from plait.service.schemas.form import MOST_EVENTS, Answered, Id, Sent, Text


class EventIn(Sent):
    """One thing a user did; without a timestamp it happens as it arrives, without an event it is a click.

    With an `event_id` it counts once, however often it is sent.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"user_id": "anna", "item_id": "item-17", "event": "like", "event_id": "e-1"}]}
    )

    user_id: Id
    item_id: Text = ""
    event: Text | None = None
    value: float | None = None
    rating: float | None = None
    timestamp: float | Text | None = Field(default=None, description="Unix seconds or ISO 8601.")
    event_id: Text = ""
    session_id: Text = ""
    recommendation_id: Text = ""
    query: Text = ""


class EventsRequest(Sent):
    """A batch of events, of which all are recorded or none."""

    events: list[EventIn] = Field(max_length=MOST_EVENTS)


class EventsAnswer(Answered):
    """How many were recorded now, and how many had been before."""

    accepted: int
    duplicates: int
    notes: list[str] = Field(default_factory=list)
