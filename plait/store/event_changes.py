"""Changes of the log: events recorded, slates shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from plait.records import Event, Exposure
from plait.store import schema
from plait.store.chunks import chunks
from plait.store.numbering import Numbering, Row
from plait.store.rows import event_row


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Events by what recording did to them; a duplicate was there before."""

    accepted: int = 0
    duplicates: int = 0


class EventChanges(Numbering):
    """What may be added to the log in a writing transaction; nothing in it ever changes."""

    def record(self, events: Iterable[Event]) -> EventCounts:
        """Record events in their order, each identity once: the first stands. The events stream."""
        accepted = duplicates = 0
        identity = schema.events.c.identity
        for chunk in chunks(events):
            fresh: dict[str, Row] = {}
            for row in map(event_row, chunk):
                fresh.setdefault(row["identity"], row)
            for known in self._connection.execute(select(identity).where(identity.in_(list(fresh)))).scalars():
                del fresh[known]
            self._insert(schema.events, self._numbered(list(fresh.values())))
            accepted += len(fresh)
            duplicates += len(chunk) - len(fresh)
        return EventCounts(accepted, duplicates)

    def add_exposures(self, exposures: Sequence[Exposure]) -> None:
        """Write slates that were shown, positions counted from 1.

        Raises ValueError for a recommendation_id that is there already, or a propensity too many or too few.
        """
        names = [shown.recommendation_id for shown in exposures]
        for chunk in chunks(names):
            known = self._found(schema.exposures, "recommendation_id", chunk)
            twice = [name for name in chunk if name in known or names.count(name) > 1]
            if twice:
                raise ValueError(f"recommendation_id {twice[0]!r} comes twice; expected a new one for each slate")
        self._insert(schema.exposures, self._numbered([_head(shown) for shown in exposures]))
        self._insert(schema.exposure_slots, [slot for shown in exposures for slot in _slots(shown)])


def _head(shown: Exposure) -> dict[str, str | float]:
    return {
        "recommendation_id": shown.recommendation_id,
        "user_id": shown.user_id,
        "timestamp": shown.timestamp,
        "policy": shown.policy,
    }


def _slots(shown: Exposure) -> list[dict[str, str | float]]:
    if len(shown.item_ids) != len(shown.propensities):
        raise ValueError(f"propensities has {len(shown.propensities)} entries; expected {len(shown.item_ids)}")
    return [
        {"recommendation_id": shown.recommendation_id, "position": position, "item_id": item_id, "propensity": p}
        for position, (item_id, p) in enumerate(zip(shown.item_ids, shown.propensities, strict=True), start=1)
    ]
