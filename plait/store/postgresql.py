"""PostgreSQL: all of the store that is particular to it; one schema of a database is one store."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool

from plait.errors import BadData
from plait.store import versions
from plait.store.copying import copy_rows
from plait.store.forks import rest_at_forks
from plait.store.marks import percent_marks
from plait.store.postgresql_check import problems_of
from plait.store.postgresql_refusals import BUSY_SECONDS, refusals
from plait.store.postgresql_statistics import forget_empty
from plait.store.sqlite import SQLiteFile
from plait.store.url import place_of, schema_of

CONNECTING = {
    "application_name": "plait",
    "connect_timeout": 10,
    # A server that is gone without a word is missed within a minute.
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000,
}  # fmt: skip
"""What the URL may say otherwise, as parameters of libpq."""
SETTINGS = {
    "lock_timeout": f"{BUSY_SECONDS:g}s",
    # A machine that is gone without a word keeps the write lock no longer than a minute.
    "tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3",
}  # fmt: skip
QUICK = {**SETTINGS, "statement_timeout": f"{BUSY_SECONDS:g}s"}
LOCK = "SELECT pg_advisory_xact_lock(%s)"
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
THERE = "SELECT count(*) FROM pg_tables WHERE schemaname = ?"
DEAD = "SELECT coalesce(sum(n_dead_tup), 0) FROM pg_stat_user_tables WHERE schemaname = ? AND relname = ANY(?)"
PEOPLE = ("events", "exposure_slots", "exposures", "relations", "users")
"""The tables from which somebody is erased."""
PATIENCE = 10.0
"""For so many seconds the end of transactions is awaited that may see what was deleted."""


class PostgreSQL:
    """A schema of a database: transactions by SQLAlchemy, and kept connections for quick reads.

    Safe to use from many threads, and in a forked process, unless a transaction was open when it was forked.
    """

    def __init__(self, url: URL) -> None:
        """Take a URL of `store_url`. Nothing is opened before the first use."""
        self.place = place_of(url)
        self._schema = schema_of(url)
        self._url = url.difference_update_query(["schema"])
        self._key = int.from_bytes(sha256(f"plait.store {self._schema}".encode()).digest()[:8], signed=True)
        self._engine = self._made_engine()
        self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._lock = threading.Lock()
        self._idle: list[psycopg.Connection[Any]] = []
        self._asking = 0
        self._in_use = 0
        self._torn = False
        rest_at_forks(self)

    def _made_engine(self) -> Engine:
        # The ping: a connection that was lost since its last use is made anew, and nobody notices.
        return create_engine(
            self._url, poolclass=QueuePool, max_overflow=-1, pool_pre_ping=True, hide_parameters=True,
            creator=lambda: self._connected(SETTINGS, autocommit=False),
        )  # fmt: skip

    def _connected(self, settings: dict[str, str], *, autocommit: bool = True) -> "psycopg.Connection[Any]":
        _, told = self._engine.dialect.create_connect_args(self._url)
        connection = psycopg.connect(**{**CONNECTING, **told}, autocommit=True)
        try:
            if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
                raise BadData(f"{self.place}: the database is encoded in {encoding}; expected UTF8")
            chosen = {"search_path": self._schema, **settings}
            calls = ", ".join(["set_config(%s, %s, false)"] * len(chosen))
            connection.execute(f"SELECT {calls}", [part for pair in chosen.items() for part in pair])
            connection.execute(DURABLE)
            connection.autocommit = autocommit
        except BaseException:
            connection.close()
            raise
        return connection

    def exists(self) -> bool:
        """Return whether the schema holds any table."""
        return bool(self.quick(THERE, (self._schema,))[0][0])

    def prepare(self, connection: Connection) -> None:
        """Make the schema, inside a writing transaction, where it is not there."""
        known = "SELECT count(*) FROM pg_namespace WHERE nspname = %s"
        # Asked first: who may not make schemas may use one that was made for them.
        if not connection.exec_driver_sql(known, (self._schema,)).scalar():
            connection.exec_driver_sql(f'CREATE SCHEMA "{self._schema}"')

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that has the write lock from its start and is durable when the block ends."""
        with refusals(self.place), self._connect(self._engine) as connection, connection.begin():
            connection.exec_driver_sql(LOCK, (self._key,))
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees one moment of the store."""
        with refusals(self.place), self._connect(self._readers) as connection, connection.begin():
            yield connection

    def _connect(self, engine: Engine) -> Connection:
        self._refuse_torn()
        return engine.connect()

    def quick(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Return all rows of one short statement as tuples, in one round trip."""
        with refusals(self.place):
            with self._lock:
                self._refuse_torn()
                kept = self._idle.pop() if self._idle else None
                self._asking += 1
            try:
                return self._asked(kept, percent_marks(statement), parameters)
            finally:
                with self._lock:
                    self._asking -= 1

    def _asked(self, kept: "psycopg.Connection[Any] | None", statement: str, parameters: Sequence[object]) -> list[Any]:
        if kept is not None:
            try:
                return self._rows(kept, statement, parameters)
            except psycopg.OperationalError:
                if not kept.closed:
                    raise
            # Lost while nobody used it, as the others were: the server was begun anew.
            self._close_idle()
        return self._rows(self._connected(QUICK), statement, parameters)

    def _rows(self, connection: "psycopg.Connection[Any]", statement: str, parameters: Sequence[object]) -> list[Any]:
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            if not connection.closed:
                with self._lock:
                    self._idle.append(connection)

    def sequence(self) -> int:
        """Return the number of the last change, in one round trip."""
        return int(self.quick("SELECT sequence FROM counter")[0][0])

    def now(self) -> float:
        """Return Unix seconds by the clock of the server: those of the machines that use it differ."""
        return float(self.quick("SELECT extract(epoch FROM clock_timestamp())::float8")[0][0])

    def problems(self) -> list[str]:
        """Return what the server and a reading of every row find wrong."""
        try:
            with self.reading() as connection:
                found = problems_of(connection)
        except BadData as error:
            return [str(error)]
        return [f"{self.place}: {line}" for line in found]

    def copy_to(self, path: Path) -> None:
        """Write one moment of the store to `path`, a file of SQLite that nobody holds a lease in; writers go on."""
        copy = SQLiteFile(path)
        with closing(copy), self.reading() as source, copy.writing() as target:
            versions.bring_up(target, copy.place)
            copy_rows(source, target)
        copy.detach()

    def forget_deleted(self) -> bool:
        """Let no page hold a row that was deleted, and no statistics; False while others read what was before."""
        with self.writing() as connection:
            forget_empty(connection, PEOPLE)
        until = time.monotonic() + PATIENCE
        with refusals(self.place), closing(self._connected(SETTINGS)) as connection:
            while True:
                # By the indexes too, however few the rows are.
                connection.execute(f"VACUUM (INDEX_CLEANUP ON, DISABLE_PAGE_SKIPPING) {', '.join(PEOPLE)}, meta")
                dead = connection.execute(percent_marks(DEAD), (self._schema, list(PEOPLE))).fetchall()[0][0]
                if not dead or time.monotonic() > until:
                    break
                time.sleep(0.1)
            # What the planner knows of values is taken anew, once: it counts dead rows by a sample.
            connection.execute(f"ANALYZE {', '.join(PEOPLE)}")
            return not dead

    def close(self) -> None:
        """Close every connection that no transaction is using; the next use opens again."""
        self._close_idle()
        self._engine.dispose()

    def _close_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _refuse_torn(self) -> None:
        if self._torn:
            raise RuntimeError(f"{self.place}: this process was forked inside a transaction; start it by spawn instead")

    def before_fork(self) -> None:
        """Close what is idle: two processes must not talk over one connection."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool), "asked for by _made_engine: it knows how many connections are in use"
        with self._lock:
            self._in_use = pool.checkedout() + self._asking
        self.close()
        self._lock.acquire()

    def after_fork(self, *, child: bool) -> None:
        """Go on; in the child only if no transaction was open."""
        if child:
            # What a thread gave back meanwhile is the parent's.
            self._engine.dispose(close=False)
            self._idle = []
        self._torn = self._torn or (child and self._in_use > 0)
        self._lock.release()
