"""Events out of a table of interactions."""

import math
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass

from plait.attributes import parse_number, parse_time
from plait.catalog.reading import Read, Refused, needed, parsed, read_all
from plait.records import Event
from plait.tables import Row, Rows

EVENT_COLUMNS = (
    "user_id", "item_id", "timestamp", "event", "value", "rating", "event_id", "session_id", "recommendation_id",
    "query",
)  # fmt: skip


def ignored_columns(rows: Rows) -> tuple[str, ...]:
    """Return the columns of an interactions table that nothing reads, for one note."""
    return tuple(column for column in rows.columns if column not in EVENT_COLUMNS)


def read_interactions(
    rows: Rows, *, event_types: Collection[str], known_items: Container[str], now: float | None = None,
    latest: float = math.inf,
) -> Iterator[Read[Event]]:  # fmt: skip
    """Read each row as an event: a click by default, a rating where a rating but no event is given.

    Where the table has no column timestamp the events happened at `now` (Unix seconds); one after `latest` is an
    error. Raises BadData where the
    columns user_id, item_id or, without `now`, timestamp are missing.
    """
    rows.require("user_id")
    if "event" not in rows.columns:
        # Only a table that names its events may hold nothing but searches, which need no item.
        rows.require("item_id")
    if now is None:
        rows.require("timestamp")
    reader = _EventReader(event_types, known_items, "event" in rows.columns, now, latest, rows.columns)
    return read_all(rows, reader.read)


@dataclass(frozen=True, slots=True)
class _EventReader:
    event_types: Collection[str]
    known_items: Container[str]
    names_events: bool
    now: float | None
    latest: float
    columns: tuple[str, ...]

    def read(self, row: Row) -> Event:
        event = self._event(row)
        user_id, item_id, query = needed(row, "user_id"), row.text("item_id"), row.text("query")
        if event == "search":
            needed(row, "query")
        elif not item_id:
            raise Refused("item_id", "empty")
        if item_id and item_id not in self.known_items:
            raise Refused("item_id", f"{item_id!r} is no item of the store")
        return Event(
            user_id, item_id, self._time(row), event, self._value(row, event),
            row.text("event_id"), row.text("session_id"), row.text("recommendation_id"), query,
        )  # fmt: skip

    def _event(self, row: Row) -> str:
        rated = "rating" in self.columns and (row.text("rating") or not self.names_events)
        event = row.text("event") or ("rating" if rated else "click")
        if event not in self.event_types:
            known = ", ".join(sorted(self.event_types))
            raise Refused("event", f"{event!r} is neither built in nor declared in plait.toml; known are {known}")
        return event

    def _time(self, row: Row) -> float:
        if self.now is not None and "timestamp" not in self.columns:
            return self.now
        text = needed(row, "timestamp")
        time = parsed("timestamp", lambda: parse_time(text))
        if time > self.latest:
            raise Refused("timestamp", f"{text!r} is in the future; expected {self.latest:.0f} (Unix seconds) at most")
        return time

    def _value(self, row: Row, event: str) -> float | None:
        column = "rating" if event == "rating" and not row.text("value") else "value"
        text = row.text(column)
        if text:
            return parsed(column, lambda: parse_number(text))
        if event == "rating":
            raise Refused("rating" if "rating" in self.columns else "value", "empty; a rating needs a value")
        return None
