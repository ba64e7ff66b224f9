"""Changes of the log: events recorded, slates shown."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import bindparam, func, select, update

from plait.records import Event, Exposure
from plait.store import schema
from plait.store.chunks import chunks
from plait.store.marks import marked
from plait.store.numbering import Numbering
from plait.store.rows import EVENT_COLUMNS, event_row

REWRITTEN = "log_rewritten"
"""The key under which meta has the sequence number of the last rewriting of the log."""
CONTENT = tuple(name for name in EVENT_COLUMNS if name != "timestamp")
ROW = (*EVENT_COLUMNS, "identity", "sequence")
INSERT = f"INSERT INTO events ({', '.join(ROW)}) VALUES ({', '.join('?' * len(ROW))})"  # noqa: S608 - constants
"""Given to the driver as it is: what SQLAlchemy does for each row takes as long as the insertion."""
_content = attrgetter(*CONTENT)


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Events by what recording did to them; a duplicate was there before.

    `differing` duplicates have an event_id that is there with other content than theirs, time apart: an event
    without a time gets one as it arrives. Of the accepted, `unknown_slates` name a recommendation_id that no slate
    has, `others_slates` one that was shown to another user, `not_in_slate` an item that the slate has not: they
    answer no slate.
    """

    accepted: int = 0
    duplicates: int = 0
    differing: int = 0
    unknown_slates: int = 0
    others_slates: int = 0
    not_in_slate: int = 0

    def notes(self) -> tuple[str, ...]:
        """Return a line for each kind of event that the caller may not have meant."""
        said = (
            (self.differing, "with an event_id that was recorded with other content; the first stands"),
            (self.unknown_slates, "with a recommendation_id that was not shown; no slate is credited"),
            (self.others_slates, "with a recommendation_id that was shown to another user; no slate is credited"),
            (self.not_in_slate, "of an item that was not in the slate they name; no slate is credited"),
        )
        return tuple(f"{count} events {what}" for count, what in said if count)


class EventChanges(Numbering):
    """What may be done to the log in a writing transaction."""

    def record(self, events: Iterable[Event]) -> EventCounts:
        """Record events in their order, each identity once: the first stands. The events stream."""
        counts: Counter[str] = Counter()
        for chunk in chunks(events):
            fresh: dict[str, Event] = {}
            again: list[tuple[str, Event]] = []
            for event in chunk:
                identity = event.identity
                if identity in fresh:
                    again.append((identity, event))
                else:
                    fresh[identity] = event
            first = {identity: fresh[identity] for identity, _ in again}
            there = self._found(schema.events, "identity", list(fresh))
            again += [(identity, fresh.pop(identity)) for identity in there]
            self._add(fresh)
            known = {name: _content(event) for name, event in first.items()}
            known |= {name: tuple(row[column] for column in CONTENT) for name, row in there.items()}
            differing = sum(_content(event) != known[identity] for identity, event in again)
            counts.update(accepted=len(fresh), duplicates=len(again), differing=differing)
            counts.update(self._astray(fresh.values()))
        return EventCounts(**counts)

    def _add(self, events: Mapping[str, Event]) -> None:
        """Insert events, by their identities."""
        if events:
            numbered = zip(events.items(), self._numbers(len(events)), strict=True)
            rows = [(*event_row(event), identity, number) for (identity, event), number in numbered]
            self._connection.exec_driver_sql(marked(INSERT, self._connection), rows)

    def move_events(self, from_user: str, to_user: str) -> int:
        """Let the events and slates of one user be those of another; return how many events.

        Events keep their identity, so that a batch sent again still counts as there, and get new numbers in their
        order, beside which the number stays that they were recorded under first; `rewrite` is said.
        """
        events, shown = schema.events, schema.exposures
        mine = events.c.user_id == from_user
        numbers = self._connection.execute(select(events.c.sequence).where(mine).order_by(events.c.sequence)).scalars()
        moves = [{"old": row["old"], "new": row["sequence"]} for row in self._numbered([{"old": n} for n in numbers])]
        slates = self._connection.execute(
            update(shown).where(shown.c.user_id == from_user).values(user_id=to_user)
        ).rowcount  # fmt: skip
        if moves:
            moved = update(events).where(events.c.sequence == bindparam("old"))
            # Moved again, it was recorded when it was.
            first = func.coalesce(events.c.recorded, events.c.sequence)
            self._connection.execute(moved.values(sequence=bindparam("new"), user_id=to_user, recorded=first), moves)
        if moves or slates:
            self.rewrite()
        return len(moves)

    def rewrite(self) -> None:
        """Say that what was read of the log up to now is void, because something in it was changed or taken out."""
        number = self._numbered([{}])[0]["sequence"]
        row = {"key": REWRITTEN, "value": str(number)}
        self._replace(schema.meta, "key", [row])

    def _astray(self, events: Iterable[Event]) -> Iterator[str]:
        """Iterate over what is wrong with the slates that events name, by the fields of EventCounts."""
        named = [event for event in events if event.recommendation_id and event.item_id]
        if not named:
            return
        names = list(dict.fromkeys(event.recommendation_id for event in named))
        heads, slot = self._found(schema.exposures, "recommendation_id", names), schema.exposure_slots.c
        wanted = select(slot.recommendation_id, slot.item_id).where(slot.recommendation_id.in_(names))
        places = {tuple(place) for place in self._connection.execute(wanted)}
        for event in named:
            name = event.recommendation_id
            if name not in heads:
                yield "unknown_slates"
            elif heads[name]["user_id"] != event.user_id:
                yield "others_slates"
            elif (name, event.item_id) not in places:
                yield "not_in_slate"

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
