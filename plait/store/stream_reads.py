"""Reads of the stream: events that tell of a taste, in the order in which they were recorded first.

An event that is moved to another user gets a new number, so that who remembers the log reads it anew. It is no other
event by that: here it has the number that it was recorded under, and who has read it once does not read it again.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from plait.records import SEEN_EXEMPT, Interaction
from plait.store import schema
from plait.store.event_reads import TELLING
from plait.store.reads import Reads

HEAD, SLOT, EVENT = schema.exposures, schema.exposure_slots, schema.events
_number = func.coalesce(EVENT.c.recorded, EVENT.c.sequence)
# Two counts, each by an index: one condition on the number of either kind would read the whole log.
TOLD = (
    f"SELECT (SELECT count(*) FROM events WHERE sequence > ? AND recorded IS NULL AND {TELLING}) "  # noqa: S608 - constants
    f"+ (SELECT count(*) FROM events WHERE recorded > ? AND {TELLING})"
)


class StreamEvent(NamedTuple):
    """An event that tells of a taste, with the number under which it was recorded first.

    `propensity` is that of its item in the slate which it answers, None where it answers none; `moved` says whether it
    was recorded of another user.
    """

    sequence: int
    user_id: str
    interaction: Interaction
    propensity: float | None
    moved: bool = False


class StreamReads(Reads):
    """What a store knows of events as they came."""

    def told_after(self, sequence: int) -> int:
        """Return how many events that tell of a taste were recorded first after a sequence number; quick."""
        return int(self._database.quick(TOLD, (sequence, sequence))[0][0])

    def told_since(self, sequence: int, *, until: int | None = None) -> Iterator[tuple[str, Interaction]]:
        """Iterate over user and event of what was recorded first after a number and tells of a taste, in that order.

        With `until`, a number too, nothing later is read.
        """
        wanted = select(EVENT.c.user_id, *(EVENT.c[name] for name in Interaction._fields))
        # A moved event has a higher number than its first: the one bound finds the rows, the other says which count.
        told = wanted.where(EVENT.c.sequence > sequence, _number > sequence, EVENT.c.event.not_in(SEEN_EXEMPT))
        if until is not None:
            told = told.where(_number <= until)
        with self._streamed(told.order_by(_number)) as rows:
            for row in rows:
                yield row[0], Interaction(*row[1:])

    def stream_after(self, sequence: int, *, limit: int) -> list[StreamEvent]:
        """Return the first `limit` events recorded first after a number that tell of a taste, in that order."""
        return self._stream_of(sequence, None, limit)

    def stream_before(self, until: int, *, after: int, limit: int) -> list[StreamEvent]:
        """Return the last `limit` of those recorded first after a number and up to another, in that order."""
        return self._stream_of(after, until, limit)

    def _stream_of(self, after: int, until: int | None, limit: int) -> list[StreamEvent]:
        """Return the first `limit` events after a number, or with `until` the last ones up to that."""
        found: list[StreamEvent] = []
        # In one transaction: what is moved between two would be read twice or not at all.
        with self._database.reading() as connection:
            for number in (EVENT.c.sequence, EVENT.c.recorded):
                wanted = _told().where(number > after)
                if number is EVENT.c.sequence:
                    wanted = wanted.where(EVENT.c.recorded.is_(None))
                if until is not None:
                    wanted = wanted.where(number <= until)
                ordered = wanted.order_by(number if until is None else number.desc()).limit(limit)
                found += [
                    StreamEvent(row[0], row[1], Interaction(*row[4:]), row[2], row[3] is not None)
                    for row in map(tuple, connection.execute(ordered))
                ]
        found.sort(key=lambda one: one.sequence)
        return found[:limit] if until is None else found[-limit:]


def _told() -> "Select[Any]":
    """Return the statement for events of the stream, without a bound and an order."""
    answers = (EVENT.c.recommendation_id == HEAD.c.recommendation_id) & (EVENT.c.user_id == HEAD.c.user_id)
    place = (HEAD.c.recommendation_id == SLOT.c.recommendation_id) & (EVENT.c.item_id == SLOT.c.item_id)
    named = _number, EVENT.c.user_id, SLOT.c.propensity, EVENT.c.recorded
    wanted = select(*named, *(EVENT.c[name] for name in Interaction._fields))
    joined = wanted.outerjoin(HEAD, answers & (_number > HEAD.c.sequence)).outerjoin(SLOT, place)
    return joined.where(EVENT.c.event.not_in(SEEN_EXEMPT))
