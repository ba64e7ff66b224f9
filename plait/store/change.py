"""Change: one writing transaction; each change in it gets the next sequence number."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, insert, select, update

from plait.records import Event, Exposure, Relation, User
from plait.store import schema
from plait.store.rows import StoredItem, event_row, item_row, tombstone, user_row

T = TypeVar("T")
CHUNK = 400
"""Rows a statement: below SQLite's bound on variables, and enough to hide the cost of a call."""


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """Items by what an upsert did to them."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Events by what recording did to them; a duplicate was there before."""

    accepted: int = 0
    duplicates: int = 0


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut values into lists of `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


class Change:
    """What may be written inside `Store.write()`; nothing counts before that block ends."""

    def __init__(self, connection: Connection) -> None:
        """Use `Store.write()`."""
        self._connection = connection
        self._sequence: int = connection.execute(select(schema.counter.c.sequence)).scalar_one()

    def upsert_items(self, items: Iterable[StoredItem]) -> ItemCounts:
        """Add items, or replace those there; unchanged ones are not written and keep their number."""
        counts = [0, 0, 0]
        for chunk in chunks(items):
            rows = list({stored.item.item_id: item_row(stored) for stored in chunk}.values())
            found = self._found(schema.items, "item_id", rows)
            for place, row in enumerate(rows):
                old = found.get(row["item_id"])
                changed = old is None or any(old[name] != value for name, value in row.items())
                counts[2 if not changed else 0 if old is None or old["removed"] else 1] += 1
                rows[place] = row | {"sequence": self._next()} if changed else {}
            self._replace(schema.items, "item_id", [row for row in rows if row], found)
        self._keep_counter()
        return ItemCounts(*counts)

    def remove_items(self, item_ids: Iterable[str]) -> int:
        """Turn items into tombstones; return how many there were to remove."""
        removed = 0
        for chunk in chunks(dict.fromkeys(item_ids)):
            wanted = [{"item_id": item_id} for item_id in chunk]
            found = {k: row for k, row in self._found(schema.items, "item_id", wanted).items() if not row["removed"]}
            rows = [item_row(tombstone(item_id)) | {"sequence": self._next()} for item_id in found]
            self._replace(schema.items, "item_id", rows, found)
            removed += len(rows)
        self._keep_counter()
        return removed

    def record(self, events: Iterable[Event]) -> EventCounts:
        """Record events, each identity once."""
        accepted = duplicates = 0
        for chunk in chunks(events):
            fresh = {event.identity: event for event in reversed(chunk)}
            table = schema.events
            known = self._connection.execute(select(table.c.identity).where(table.c.identity.in_(list(fresh))))
            for identity in known.scalars():
                del fresh[identity]
            rows = [event_row(event, self._next()) for event in reversed(fresh.values())]
            if rows:
                self._connection.execute(insert(table), rows)
            accepted += len(rows)
            duplicates += len(chunk) - len(rows)
        self._keep_counter()
        return EventCounts(accepted, duplicates)

    def upsert_users(self, users: Iterable[User]) -> int:
        """Add users, or replace those there; return how many changed."""
        changed = 0
        for chunk in chunks(users):
            rows = list({user.user_id: user_row(user) for user in chunk}.values())
            found = self._found(schema.users, "user_id", rows)
            rows = [row for row in rows if (found.get(row["user_id"]) or {}).get("attributes") != row["attributes"]]
            self._replace(schema.users, "user_id", [row | {"sequence": self._next()} for row in rows], found)
            changed += len(rows)
        self._keep_counter()
        return changed

    def upsert_relations(self, relations: Iterable[Relation]) -> int:
        """Add relations, or replace their weights; return how many changed."""
        table, changed = schema.relations, 0
        for relation in relations:
            key = (table.c.user_id == relation.user_id) & (table.c.other_id == relation.other_id)
            weight = self._connection.execute(select(table.c.weight).where(key)).scalar()
            if weight == relation.weight:
                continue
            self._connection.execute(delete(table).where(key))
            self._connection.execute(
                insert(table).values(
                    user_id=relation.user_id,
                    other_id=relation.other_id,
                    weight=relation.weight,
                    sequence=self._next(),
                )
            )
            changed += 1
        self._keep_counter()
        return changed

    def add_exposures(self, exposures: Sequence[Exposure]) -> None:
        """Write slates that were shown. Raises IntegrityError for a recommendation_id that is there."""
        heads, slots = [], []
        for shown in exposures:
            heads.append(
                {name: getattr(shown, name) for name in ("recommendation_id", "user_id", "timestamp", "policy")}
                | {"sequence": self._next()}
            )
            slots += [
                {"recommendation_id": shown.recommendation_id, "position": p, "item_id": i, "propensity": w}
                for p, (i, w) in enumerate(zip(shown.item_ids, shown.propensities, strict=True), start=1)
            ]
        if heads:
            self._connection.execute(insert(schema.exposures), heads)
        if slots:
            self._connection.execute(insert(schema.exposure_slots), slots)
        self._keep_counter()

    def set_attribute_types(self, types: Mapping[str, str]) -> None:
        """Keep the type of attribute columns; others stay."""
        self._put(schema.attribute_types, "name", "type", types)

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Keep values under keys; others stay."""
        self._put(schema.meta, "key", "value", values)

    def _put(self, table: Table, key: str, column: str, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            self._connection.execute(delete(table).where(table.c[key] == name))
            self._connection.execute(insert(table).values({key: name, column: value}))

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def _keep_counter(self) -> None:
        self._connection.execute(update(schema.counter).values(sequence=self._sequence))

    def _found(self, table: Table, key: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        wanted = select(table).where(table.c[key].in_([row[key] for row in rows]))
        return {row[key]: dict(row) for row in self._connection.execute(wanted).mappings()}

    def _replace(
        self,
        table: Table,
        key: str,
        rows: Sequence[Mapping[str, Any]],
        found: Mapping[str, Mapping[str, Any]],
    ) -> None:
        old = [row[key] for row in rows if row[key] in found]
        if old:
            self._connection.execute(delete(table).where(table.c[key].in_(old)))
        if rows:
            self._connection.execute(insert(table), list(rows))
