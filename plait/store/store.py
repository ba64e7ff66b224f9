"""Store: the truth of a workspace; items, users, relations, events and exposures."""

import os
import socket
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, func, select
from sqlalchemy.exc import DatabaseError

from plait.errors import BadData
from plait.records import SEEN_EXEMPT, Event, Exposure, Relation, User
from plait.store import schema
from plait.store.change import Change, chunks
from plait.store.lease import Heartbeat, Lease, release, take
from plait.store.rows import EVENT_COLUMNS, StoredItem, stored_item, stored_user
from plait.store.sqlite import engine_for, plain_connection, reading, writing

PAGE = 1_000


class Store:
    """An open store; safe to use from many threads, one object a process."""

    def __init__(self, path: Path) -> None:
        """Use `create` or `open`."""
        self.path = path
        self._engine = engine_for(path)
        self._quick = threading.local()

    @classmethod
    def create(cls, path: Path) -> "Store":
        """Make an empty store at `path`, whole or not at all."""
        store = cls(path)
        with writing(store._engine) as connection:
            schema.create(connection)
        return store

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Open the store at `path` and bring it up to this program's schema.

        Raises BadData for a file that is no store, or one that a newer Plait wrote.
        """
        store = cls(path)
        try:
            with reading(store._engine) as connection:
                version = schema.version_of(connection)
            if version != schema.VERSION:
                with writing(store._engine) as connection:
                    schema.migrate(connection)
        except DatabaseError as error:
            raise BadData(f"{path} cannot be read as a store: {error.orig}") from error
        return store

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        self._quick = threading.local()

    @contextmanager
    def write(self) -> Iterator[Change]:
        """One transaction under BEGIN IMMEDIATE, durable when the block ends, undone when it raises."""
        with writing(self._engine) as connection:
            yield Change(connection)

    def sequence(self) -> int:
        """Return the sequence number of the last change; microseconds when nothing changed."""
        quick = self._kept()
        changed = quick.execute("PRAGMA data_version").fetchone()[0]
        if changed != getattr(self._quick, "data_version", None):
            self._quick.sequence = quick.execute("SELECT sequence FROM counter").fetchone()[0]
            self._quick.data_version = changed
        return int(self._quick.sequence)

    def _kept(self) -> sqlite3.Connection:
        """Return this thread's connection for quick reads; a forked child gets its own."""
        if getattr(self._quick, "process", None) != os.getpid():
            self._quick.connection = plain_connection(self.path)
            self._quick.process = os.getpid()
            self._quick.data_version = None
        connection: sqlite3.Connection = self._quick.connection
        return connection

    def items(self, *, after: int = 0, include_removed: bool = False) -> Iterator[StoredItem]:
        """Iterate over items changed after a sequence number, in the order of their changes."""
        table = schema.items
        wanted = select(table) if include_removed else select(table).where(table.c.removed == 0)
        yield from map(stored_item, self._pages(wanted, table, after))

    def items_by_id(self, item_ids: Sequence[str]) -> dict[str, StoredItem]:
        """Return the living items among `item_ids`."""
        table = schema.items
        found = {}
        with reading(self._engine) as connection:
            for chunk in chunks(item_ids):
                wanted = select(table).where(table.c.item_id.in_(chunk), table.c.removed == 0)
                rows = [dict(row) for row in connection.execute(wanted).mappings()]
                found.update({row["item_id"]: stored_item(row) for row in rows})
        return found

    def known_items(self, item_ids: Sequence[str]) -> set[str]:
        """Return those of `item_ids` that the store has or had: events may name them."""
        with reading(self._engine) as connection:
            known: set[str] = set()
            for chunk in chunks(item_ids):
                wanted = select(schema.items.c.item_id).where(schema.items.c.item_id.in_(chunk))
                known.update(connection.execute(wanted).scalars())
        return known

    def titles(self, item_ids: Sequence[str]) -> dict[str, str]:
        """Return the title of each living item among `item_ids`."""
        titles: dict[str, str] = {}
        for chunk in chunks(item_ids):
            marks = ",".join("?" * len(chunk))
            statement = f"SELECT item_id, title FROM items WHERE item_id IN ({marks})"  # noqa: S608 - only marks
            titles.update(self._kept().execute(statement, chunk).fetchall())
        return titles

    def item_ids(self, *, include_removed: bool = False) -> list[str]:
        """Return the ids of the items, sorted."""
        table = schema.items
        wanted = select(table.c.item_id).order_by(table.c.item_id)
        with reading(self._engine) as connection:
            return list(connection.execute(wanted if include_removed else wanted.where(table.c.removed == 0)).scalars())

    def item_count(self) -> int:
        """Return the number of living items."""
        with reading(self._engine) as connection:
            table = schema.items
            return connection.execute(select(func.count()).select_from(table).where(table.c.removed == 0)).scalar_one()

    def recent_events(self, user_ids: Sequence[str], limit: int) -> dict[str, list[Event]]:
        """Return the last `limit` events of each user, newest last, equal times in the order recorded."""
        statement = (
            f"SELECT {', '.join(EVENT_COLUMNS)} FROM events WHERE user_id = ? "  # noqa: S608 - constants
            "ORDER BY timestamp DESC, sequence DESC LIMIT ?"
        )
        kept = self._kept()
        return {
            user_id: [Event(*row) for row in reversed(kept.execute(statement, (user_id, limit)).fetchall())]
            for user_id in user_ids
        }

    def seen_items(self, user_id: str) -> set[str]:
        """Return every item of which a user has an event other than impression and search."""
        exempt = sorted(SEEN_EXEMPT)
        marks = ",".join("?" * len(exempt))
        statement = f"SELECT DISTINCT item_id FROM events WHERE user_id = ? AND event NOT IN ({marks})"  # noqa: S608
        return {row[0] for row in self._kept().execute(statement, (user_id, *exempt))}

    def event_count(self, user_id: str) -> int:
        """Return how many events a user has."""
        return int(self._kept().execute("SELECT count(*) FROM events WHERE user_id = ?", (user_id,)).fetchone()[0])

    def problems(self) -> list[str]:
        """Return what SQLite's own check finds wrong with the file."""
        found = [row[0] for row in self._kept().execute("PRAGMA quick_check").fetchall()]
        return [] if found == ["ok"] else [f"{self.path.name}: {line}" for line in found]

    def events(self, *, after: int = 0) -> Iterator[list[Event]]:
        """Iterate over batches of events recorded after a sequence number, in that order."""
        table = schema.events
        wanted = select(*(table.c[name] for name in EVENT_COLUMNS), table.c.sequence)
        for chunk in chunks(self._pages(wanted, table, after), PAGE):
            yield [Event(*(row[name] for name in EVENT_COLUMNS)) for row in chunk]

    def users(self) -> Iterator[User]:
        """Iterate over the users whose attributes are known."""
        for row in self._pages(select(schema.users), schema.users, 0):
            yield stored_user(row)

    def user_ids(self) -> list[str]:
        """Return every user with attributes or events, sorted."""
        with reading(self._engine) as connection:
            known = set(connection.execute(select(schema.users.c.user_id)).scalars())
            known.update(connection.execute(select(schema.events.c.user_id).distinct()).scalars())
        return sorted(known)

    def relations(self) -> list[Relation]:
        """Return the social graph in the order recorded."""
        table = schema.relations
        with reading(self._engine) as connection:
            wanted = select(table.c.user_id, table.c.other_id, table.c.weight).order_by(table.c.sequence)
            return [Relation(*row) for row in connection.execute(wanted)]

    def exposures(self, user_id: str) -> list[Exposure]:
        """Return the slates shown to a user, oldest first."""
        head, slot = schema.exposures, schema.exposure_slots
        shown = []
        with reading(self._engine) as connection:
            for row in connection.execute(select(head).where(head.c.user_id == user_id).order_by(head.c.sequence)):
                mine = select(slot.c.item_id, slot.c.propensity).where(slot.c.recommendation_id == row[0])
                slots = connection.execute(mine.order_by(slot.c.position)).all()
                ids, weights = zip(*slots, strict=True) if slots else ((), ())
                shown.append(Exposure(row[0], row[1], row[2], row[3], tuple(ids), tuple(weights)))
        return shown

    def attribute_types(self) -> dict[str, str]:
        """Return the type of each attribute column."""
        with reading(self._engine) as connection:
            return dict(connection.execute(select(schema.attribute_types)).tuples().all())

    def meta(self, key: str) -> str | None:
        """Return what is kept under `key`."""
        with reading(self._engine) as connection:
            return connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar()

    def counts(self) -> dict[str, int]:
        """Return how many items, events, users, relations and exposures there are."""
        tables = {t.name: t for t in (schema.events, schema.users, schema.relations, schema.exposures)}
        with reading(self._engine) as connection:
            counted = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in tables.items()
            }
        return {"items": self.item_count()} | counted

    @contextmanager
    def lease(self, name: str, *, seconds: float = 30.0) -> Iterator[Lease | None]:
        """Hold a lease while the block runs, renewed by a thread; None while another process holds it."""
        owner = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
        with writing(self._engine) as connection:
            lease = take(connection, name, owner, seconds)
        if lease is None:
            yield None
            return
        heartbeat = Heartbeat(lambda: writing(self._engine), lease, seconds)
        try:
            yield lease
        finally:
            heartbeat.stop()
            with writing(self._engine) as connection:
                release(connection, lease)

    def _pages(self, wanted: "Select[Any]", table: Table, after: int) -> Iterator[Any]:
        """Iterate over rows by sequence; pages keep memory and the time a read lasts bounded."""
        while True:
            page = wanted.where(table.c.sequence > after).order_by(table.c.sequence).limit(PAGE)
            with reading(self._engine) as connection:
                rows = [dict(row) for row in connection.execute(page).mappings()]
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1]["sequence"]
