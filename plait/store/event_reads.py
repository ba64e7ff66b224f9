"""Reads of the log."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from plait.records import SEEN_EXEMPT, Event, Interaction, Searched, SessionEvent
from plait.store import schema
from plait.store.chunks import chunks
from plait.store.event_changes import REWRITTEN
from plait.store.event_columns import COLUMNS, EventColumns, event_columns
from plait.store.reads import PAGE, Reads
from plait.store.rows import EVENT_COLUMNS

TABLE = schema.events
TELLING = f"event NOT IN ({', '.join(repr(name) for name in sorted(SEEN_EXEMPT))})"
LATEST = (
    f"SELECT {', '.join(Interaction._fields)} FROM events WHERE user_id = ? AND {TELLING} "  # noqa: S608 - constants
    "ORDER BY timestamp DESC, sequence DESC LIMIT ?"
)
AMONG = 500
"""Of this many last events of a user the searches are read: a long log must not make an answer slow."""
SEARCHED = (
    "SELECT query, timestamp FROM (SELECT event, query, timestamp, sequence FROM events WHERE user_id = ? "
    "ORDER BY timestamp DESC, sequence DESC LIMIT ?) AS latest WHERE event = 'search' AND query != '' "
    "ORDER BY timestamp DESC, sequence DESC LIMIT ?"
)
# The index is of events that have a session, and is used where the statement says so.
OF_SESSION = (
    f"SELECT user_id, {', '.join(Interaction._fields)}, query FROM events "  # noqa: S608 - constants
    "WHERE session_id = ? AND session_id != '' AND event != 'impression' AND user_id = coalesce(?, user_id) "
    "ORDER BY timestamp DESC, sequence DESC LIMIT ?"
)
SEEN = f"SELECT DISTINCT item_id FROM events WHERE user_id = ? AND item_id != '' AND {TELLING}"  # noqa: S608 - constants
TIMES = f"SELECT timestamp FROM events WHERE user_id = ? AND {TELLING}"  # noqa: S608 - constants

IMPRESSIONS = (
    "SELECT item_id, timestamp, recommendation_id FROM events WHERE user_id = ? AND timestamp > ? "
    "AND event = 'impression' AND item_id != ''"
)
SLATES = (
    "SELECT slots.item_id, head.timestamp, recommendation_id FROM exposures AS head "
    "JOIN exposure_slots AS slots USING (recommendation_id) WHERE head.user_id = ? AND head.timestamp > ?"
)


class EventReads(Reads):
    """What a store knows of events."""

    def recent_interactions(self, user_ids: Sequence[str], limit: int) -> dict[str, list[Interaction]]:
        """Return the last `limit` events of each user that tell of a taste; quick.

        Impressions and searches are passed over. Newest last, equal times in the order recorded.
        """
        return {
            user_id: list(map(Interaction._make, reversed(self._database.quick(LATEST, (user_id, limit)))))
            for user_id in user_ids
        }

    def recent_searches(self, user_ids: Sequence[str], limit: int) -> dict[str, list[Searched]]:
        """Return the last `limit` searches of each user, newest first, of the last AMONG events; quick."""
        return {
            user_id: list(map(Searched._make, self._database.quick(SEARCHED, (user_id, AMONG, limit))))
            for user_id in user_ids
        }

    def session_events(self, session_id: str, limit: int, *, user_id: str | None = None) -> list[SessionEvent]:
        """Return the last `limit` events of a session but impressions, oldest first, equal times as recorded; quick.

        With a `user_id` those of that user alone.
        """
        rows = reversed(self._database.quick(OF_SESSION, (session_id, user_id, limit)))
        return [SessionEvent(row[0], Interaction(*row[1:-1]), row[-1]) for row in rows]

    def telling_times(self, user_id: str) -> list[float]:
        """Return when a user did each thing but impressions and searches, in Unix seconds, in any order; quick."""
        return [row[0] for row in self._database.quick(TIMES, (user_id,))]

    def seen_items(self, user_id: str) -> set[str]:
        """Return every item of which a user has an event other than impression and search; quick."""
        return {row[0] for row in self._database.quick(SEEN, (user_id,))}

    def showings(self, user_id: str, *, since: float) -> list[tuple[str, float]]:
        """Return item and time of what a user was shown after a moment: impressions, and slates; quick.

        A place of a slate of which an impression says that it was seen counts once.
        """
        impressions, slates = (self._database.quick(statement, (user_id, since)) for statement in (IMPRESSIONS, SLATES))
        said = {(recommendation_id, item_id) for item_id, _, recommendation_id in impressions}
        unsaid = [row for row in slates if (row[2], row[0]) not in said]
        return [(item_id, timestamp) for item_id, timestamp, _ in (*impressions, *unsaid)]

    def rewritten(self) -> int:
        """Return the sequence number of the last change within the log, 0 where there was none; quick.

        What a process has read of the log before that number is void.
        """
        rows = self._database.quick("SELECT value FROM meta WHERE key = ?", (REWRITTEN,))
        return int(rows[0][0]) if rows else 0

    def event_count(self, user_id: str) -> int:
        """Return how many events a user has; quick."""
        return int(self._database.quick("SELECT count(*) FROM events WHERE user_id = ?", (user_id,))[0][0])

    def events(self, *, after: int = 0) -> Iterator[list[Event]]:
        """Iterate over batches of events recorded after a sequence number, in that order."""
        wanted = select(*(TABLE.c[name] for name in EVENT_COLUMNS)).where(TABLE.c.sequence > after)
        for rows in chunks(self._stream(wanted.order_by(TABLE.c.sequence)), PAGE):
            yield [Event(**row) for row in rows]

    def events_of(self, user_id: str) -> list[Event]:
        """Return all events of a user, in the order recorded."""
        wanted = select(*(TABLE.c[name] for name in EVENT_COLUMNS)).where(TABLE.c.user_id == user_id)
        return [Event(**row) for row in self._rows(wanted.order_by(TABLE.c.sequence))]

    def interactions_after(self, sequence: int, *, until: int | None = None) -> Iterator[tuple[str, Interaction]]:
        """Iterate over user and event of what was recorded after a sequence number and tells of a taste, in order.

        With `until`, a sequence number too, nothing later is read.
        """
        for user_id, _, event in self.interactions_in_sessions(sequence, until=until):
            yield user_id, event

    def interactions_in_sessions(
        self, sequence: int, *, until: int | None = None
    ) -> Iterator[tuple[str, str, Interaction]]:
        """Iterate as `interactions_after` does, over user, session and event."""
        wanted = (TABLE.c.user_id, TABLE.c.session_id, *(TABLE.c[name] for name in Interaction._fields))
        told = select(*wanted).where(TABLE.c.sequence > sequence, TABLE.c.event.not_in(SEEN_EXEMPT))
        if until is not None:
            told = told.where(TABLE.c.sequence <= until)
        with self._streamed(told.order_by(TABLE.c.sequence)) as rows:
            # Plain tuples: of a log that has grown much since it was learnt from all is read.
            for row in rows:
                yield row[0], row[1], Interaction(*row[2:])

    def event_columns(self) -> EventColumns:
        """Return the whole log as arrays, in the order recorded."""
        wanted = select(*(TABLE.c[name] for name in COLUMNS)).order_by(TABLE.c.sequence)
        with self._streamed(wanted) as rows:
            return event_columns(rows)
