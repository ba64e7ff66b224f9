"""Store: the truth of a workspace; items, users, relations, events and exposures."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, func, select

from plait.errors import BadData
from plait.records import Event
from plait.store import lease as leases
from plait.store import schema, versions
from plait.store.change import Change
from plait.store.copying import copy_rows
from plait.store.database import Database
from plait.store.erasing import AUDIT, ERASED, KEY, UNFINISHED, Erasure, keyed_hash
from plait.store.event_changes import EventCounts
from plait.store.event_reads import EventReads
from plait.store.exposure_reads import ExposureReads
from plait.store.group_commit import GroupCommit
from plait.store.heartbeat import heartbeat
from plait.store.holder import this_process
from plait.store.item_reads import ItemReads
from plait.store.lease import Lease, LostLease
from plait.store.people_reads import PeopleReads
from plait.store.places import Place, database_at
from plait.store.stream_reads import StreamReads

LEASE_SECONDS = 30.0


class Store(ItemReads, EventReads, ExposureReads, StreamReads, PeopleReads):
    """An open store; safe to use from many threads, and in processes forked or spawned from this one.

    Everything that touches the database raises BadData, one line, for what it, the disk or another process refuses.
    """

    def __init__(self, database: Database) -> None:
        """Use `create` or `open`."""
        super().__init__(database)
        self._held: dict[Lease, float] = {}
        self._group = GroupCommit(self.write)

    @classmethod
    def create(cls, place: Place) -> "Store":
        """Make an empty store in a file or at a URL, whole or not at all. Raises BadData where there is one."""
        with cls.creating(place) as (store, _):
            return store

    @staticmethod
    def exists(place: Place) -> bool:
        """Return whether there is a store at a place, or something in its stead."""
        with closing(database_at(place)) as database:
            return database.exists()

    @classmethod
    @contextmanager
    def creating(cls, place: Place) -> Iterator[tuple["Store", Connection]]:
        """Make a store whose transaction the block may write to, and which is there when the block ends."""
        store = cls(database_at(place))
        with store._closed_by_errors(), store._database.writing() as connection:
            store._database.prepare(connection)
            if versions.version_of(connection, store.place):
                raise BadData(f"{store.place} is a store already; expected a new name")
            versions.bring_up(connection, store.place)
            yield store, connection

    @classmethod
    def open(cls, place: Place) -> "Store":
        """Open the store in a file or at a URL and bring it up to this program's schema.

        Raises BadData for one that is missing or no store, or that a newer Plait wrote.
        """
        store = cls(database_at(place))
        with store._closed_by_errors():
            if not store._database.exists():
                raise BadData(f"{store.place} is missing; expected a store")
            with store._database.reading() as connection:
                found = versions.version_of(connection, store.place)
            if found != versions.version():
                with store._database.writing() as connection:
                    versions.bring_up(connection, store.place)
        return store

    @contextmanager
    def _closed_by_errors(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    @property
    def place(self) -> str:
        """What messages call it: its file, or its URL without a password."""
        return self._database.place

    def close(self) -> None:
        """Close all connections; a later use opens them again."""
        self._database.close()

    def __enter__(self) -> "Store":
        """Return the store, which is closed when the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def sequence(self) -> int:
        """Return the number of the last change; microseconds when nothing changed."""
        return self._database.sequence()

    @contextmanager
    def write(self) -> Iterator[Change]:
        """One transaction under the write lock, durable when the block ends, undone when it raises."""
        with self._database.writing() as connection:
            change = Change(connection)
            yield change
            change.keep_sequence()
            # While this block had the write lock the heartbeat could not renew.
            for lease, seconds in self._held.copy().items():
                leases.renew(connection, lease, seconds=seconds, now=self._database.now())

    def record(self, events: Sequence[Event]) -> EventCounts:
        """Record a batch of events, each identity once; durable when this returns.

        Batches of many threads share a transaction; what is wrong with one of them is raised to its caller alone.
        """
        return self._group.record(events)

    @contextmanager
    def lease(self, name: str, *, seconds: float = LEASE_SECONDS) -> Iterator[Lease | None]:
        """Hold a lease while the block runs, renewed by a thread; None while another has it, in this process too."""
        with self._database.writing() as connection:
            lease = leases.take(connection, name, owner=this_process(), seconds=seconds, now=self._database.now())
        if lease is None:
            yield None
            return
        taken, process = lease, os.getpid()
        self._held[taken] = seconds
        try:
            with heartbeat(lambda: self._renew(taken, seconds), seconds=seconds):
                yield taken
        finally:
            del self._held[taken]
            # What cannot be given back is free when this process ends. A forked child had never taken it.
            if process == os.getpid():
                with suppress(BadData), self._database.writing() as connection:
                    leases.release(connection, taken)

    def _renew(self, lease: Lease, seconds: float) -> bool:
        with self._database.writing() as connection:
            return leases.renew(connection, lease, seconds=seconds, now=self._database.now())

    @contextmanager
    def fence(self, lease: Lease) -> Iterator[None]:
        """Keep everybody from taking the lease over while the block runs; it should be short.

        Raises LostLease, a BadData, when it has been taken over already.
        """
        with self._database.writing() as connection:
            if not leases.holds(connection, lease):
                raise LostLease(
                    f"{self.place}: the lease {lease.name!r} was lost to another process; nothing was published"
                )
            yield

    def meta(self, key: str) -> str | None:
        """Return what is kept under `key`."""
        with self._database.reading() as connection:
            return connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar()

    def counts(self) -> dict[str, int]:
        """Return how many living items, events, users, relations and exposures there are."""
        tables = (schema.items, schema.events, schema.users, schema.relations, schema.exposures)
        counted = [select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in tables]
        living = select(func.count()).select_from(schema.items).where(schema.items.c.removed == 0)
        counted[0] = living.scalar_subquery().label("items")
        return dict(self._rows(select(*counted))[0])

    def erased(self) -> int:
        """Return the sequence number of the last erasure, 0 where there was none; quick."""
        found = self._database.quick("SELECT value FROM meta WHERE key = ?", (ERASED,))
        return int(found[0][0]) if found else 0

    def erasures(self) -> list[Erasure]:
        """Return what is kept of the erasures there were, in their order."""
        found = self._database.quick("SELECT key, value FROM meta WHERE key > ? AND key < ?", (AUDIT, AUDIT + "~"))
        return sorted(
            (Erasure.from_json(int(key.removeprefix(AUDIT)), value) for key, value in found),
            key=lambda each: each.sequence,
        )

    def is_erasing(self) -> bool:
        """Return whether an erasure is under way, or was left before its end."""
        return self.meta(UNFINISHED) is not None

    def erasure_of(self, user_id: str) -> int:
        """Return the sequence number of the last erasure of a user, 0 where there was none."""
        key = self.meta(KEY)
        if key is None:
            return 0
        mine = keyed_hash(key, user_id)
        return max((each.sequence for each in self.erasures() if each.user == mine), default=0)

    def gap(self) -> int:
        """Return by how much the counter is behind the last change, which nobody would follow; 0 for a sound store."""
        return max(self._last_change() - self.sequence(), 0)

    def _last_change(self) -> int:
        tables = ("items", "events", "users", "relations", "exposures")
        numbers = " UNION ALL ".join(f"SELECT max(sequence) AS number FROM {name}" for name in tables)  # noqa: S608 - constants
        found = self._database.quick(f"SELECT max(number) FROM ({numbers}) AS numbers")[0][0]  # noqa: S608 - constants
        return int(found or 0)

    def close_gap(self) -> None:
        """Let the counter stand at the last change."""
        last = self._last_change()
        with self.write() as change:
            change.skip_to(last)

    def free_leases(self) -> list[str]:
        """Give back what is held by processes that are surely gone; return the names of the leases."""
        with self._database.writing() as connection:
            return leases.free_gone(connection)

    def copy_to(self, path: Path) -> None:
        """Write one moment of the store to a file of SQLite, without leases, while others read and write."""
        self._database.copy_to(path)

    @contextmanager
    def copied(self, place: Place) -> Iterator[None]:
        """Make a store at a place with all rows of this one, which is there when the block ends; none if it raises."""
        with self._database.reading() as source, self.creating(place) as (made, target):
            copy_rows(source, target)
            yield
        made.close()

    def forget_deleted(self) -> bool:
        """Let nothing that was deleted be found again; False while others still read what was before."""
        return self._database.forget_deleted()

    def problems(self) -> list[str]:
        """Return one line for each thing that the database's own check finds wrong with it."""
        return self._database.problems()
