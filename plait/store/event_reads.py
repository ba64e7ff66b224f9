"""Reads of the log: events and exposures."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import RowMapping, select

from plait.records import SEEN_EXEMPT, Event, Exposure, Interaction, Searched
from plait.store import schema
from plait.store.chunks import chunks
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
    "ORDER BY timestamp DESC, sequence DESC LIMIT ?) WHERE event = 'search' AND query != '' "
    "ORDER BY timestamp DESC, sequence DESC LIMIT ?"
)
SEEN = f"SELECT DISTINCT item_id FROM events WHERE user_id = ? AND item_id != '' AND {TELLING}"  # noqa: S608 - constants


class EventReads(Reads):
    """What a store knows of events and of slates shown."""

    def recent_interactions(self, user_ids: Sequence[str], limit: int) -> dict[str, list[Interaction]]:
        """Return the last `limit` events of each user that tell of a taste; quick.

        Impressions and searches are passed over. Newest last, equal times in the order recorded.
        """
        return {
            user_id: list(map(Interaction._make, reversed(self._file.quick(LATEST, (user_id, limit)))))
            for user_id in user_ids
        }

    def recent_searches(self, user_ids: Sequence[str], limit: int) -> dict[str, list[Searched]]:
        """Return the last `limit` searches of each user, newest first, of the last AMONG events; quick."""
        return {
            user_id: list(map(Searched._make, self._file.quick(SEARCHED, (user_id, AMONG, limit))))
            for user_id in user_ids
        }

    def seen_items(self, user_id: str) -> set[str]:
        """Return every item of which a user has an event other than impression and search; quick."""
        return {row[0] for row in self._file.quick(SEEN, (user_id,))}

    def event_count(self, user_id: str) -> int:
        """Return how many events a user has; quick."""
        return int(self._file.quick("SELECT count(*) FROM events WHERE user_id = ?", (user_id,))[0][0])

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
        wanted = (TABLE.c.user_id, *(TABLE.c[name] for name in Interaction._fields))
        told = select(*wanted).where(TABLE.c.sequence > sequence, TABLE.c.event.not_in(SEEN_EXEMPT))
        if until is not None:
            told = told.where(TABLE.c.sequence <= until)
        with self._file.reading() as connection:
            # Plain tuples: of a log that has grown much since it was learnt from all is read.
            for row in connection.execution_options(yield_per=PAGE).execute(told.order_by(TABLE.c.sequence)):
                yield row[0], Interaction(*row[1:])

    def event_columns(self) -> EventColumns:
        """Return the whole log as arrays, in the order recorded."""
        wanted = select(*(TABLE.c[name] for name in COLUMNS)).order_by(TABLE.c.sequence)
        with self._file.reading() as connection:
            return event_columns(connection.execution_options(yield_per=PAGE).execute(wanted))

    def exposures(self, user_id: str) -> list[Exposure]:
        """Return the slates shown to a user, in the order recorded."""
        head, slot = schema.exposures, schema.exposure_slots
        wanted = select(head, slot.c.item_id, slot.c.propensity).outerjoin(slot).where(head.c.user_id == user_id)
        rows = self._rows(wanted.order_by(head.c.sequence, slot.c.position))
        return [_exposure(list(slots)) for _, slots in groupby(rows, key=itemgetter("sequence"))]


def _exposure(slots: Sequence[RowMapping]) -> Exposure:
    """Return the slate of rows with head and slot; an empty slate is one row without a slot."""
    head, filled = slots[0], [slot for slot in slots if slot["item_id"] is not None]
    return Exposure(
        head["recommendation_id"], head["user_id"], head["timestamp"], head["policy"],
        tuple(slot["item_id"] for slot in filled), tuple(slot["propensity"] for slot in filled),
    )  # fmt: skip
