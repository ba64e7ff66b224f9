"""SQLite: all of the store that is particular to it."""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.pool import QueuePool

from embedders.sqlite_place import is_still, keep_log, uri_of
from plait.errors import BadData
from plait.store.forks import rest_at_forks

BUSY_SECONDS = 60.0
PRAGMAS = (
    f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    # 32 MB: users come in no order, so that each commit writes the same few hundred pages of the indexes as the last
    # ones. The longer the log may grow, the fewer times each of them is copied into the file.
    "PRAGMA wal_autocheckpoint=8000",
    # 8 MB, so that these pages are not read again for each commit.
    "PRAGMA cache_size=-8000",
)
REFUSALS = {
    sqlite3.SQLITE_BUSY: f"another process has been writing for {BUSY_SECONDS:g} seconds; try again when it is done",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; expected a folder that exists and may be written to, which "
    "reading needs too",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_FULL: "the disk is full; nothing was stored",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; nothing was stored",
    sqlite3.SQLITE_NOTADB: "the file is no store",
    sqlite3.SQLITE_READONLY: "the file or its folder may not be written to",
}
"""What to say for SQLite's primary result codes."""
NO_ROOM = "the disk is full: opening the file, even to read it, needs room for 32 kB beside it"


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Raise BadData, one line, for what the file or the disk refuses."""
    try:
        yield
    except IntegrityError:
        raise
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = error.orig if isinstance(error, DatabaseError) else error
        code = getattr(cause, "sqlite_errorcode", None)
        said = None if code is None else NO_ROOM if code == sqlite3.SQLITE_IOERR_SHMSIZE else REFUSALS.get(code & 0xFF)
        raise BadData(f"{path}: {said or cause}") from error
    except UnicodeEncodeError as error:
        raise BadData(f"{path}: {error.object!r} is not Unicode text; nothing was stored") from error


class SQLiteFile:
    """The file of a store: transactions by SQLAlchemy, and one kept connection for quick reads.

    Safe to use from many threads, and in a forked process, unless a transaction was open when it was forked.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the first use."""
        self.path = path
        self.place = str(path)
        self._engine = _engine(path)
        self._lock = threading.Lock()
        self._kept: sqlite3.Connection | None = None
        self._version = -1
        self._sequence = 0
        self._in_use = 0
        self._still = False
        self._torn = False
        rest_at_forks(self)

    def exists(self) -> bool:
        """Return whether there is a file."""
        return self.path.is_file()

    def prepare(self, connection: Connection) -> None:
        """Do nothing: the file has come to be with the transaction."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that has the write lock from its start and is durable when the block ends."""
        with refusals(self.path), self._connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees one moment of the store."""
        with refusals(self.path), self._connect() as connection, connection.begin():
            yield connection

    def _connect(self) -> Connection:
        self._refuse_torn()
        with self._lock:
            return self._engine.connect()

    def quick(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Return all rows of one short statement as tuples, in tens of microseconds."""
        with refusals(self.path), self._lock:
            return self._connection().execute(statement, parameters).fetchall()

    def sequence(self) -> int:
        """Return the number of the last change; the counter is read only when the file has changed."""
        with refusals(self.path), self._lock:
            if self._still and not is_still(self.path):
                # Somebody writes it through another mount: what was opened as a file that nobody changes is too old.
                self._close()
            connection = self._connection()
            # Asked before the counter: a commit between the two is then noticed by the next call.
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
            if version != self._version:
                self._sequence = connection.execute("SELECT sequence FROM counter").fetchone()[0]
                self._version = version
            return self._sequence

    def now(self) -> float:
        """Return Unix seconds by the clock of the machine that holds the file, which in WAL mode is this one."""
        return time.time()

    def problems(self) -> list[str]:
        """Return what SQLite's own check finds wrong with the file."""
        try:
            found = [row[0] for row in self.quick("PRAGMA integrity_check")]
        except BadData as error:
            return [str(error)]
        return [] if found == ["ok"] else [f"{self.path.name}: {line}" for line in found]

    def copy_to(self, path: Path) -> None:
        """Write one moment of the file to `path`, a file of its own that nobody holds a lease in; writers go on."""
        with refusals(self.path), closing(_connected(self.path)) as source, closing(sqlite3.connect(path)) as copy:
            source.backup(copy)
            copy.execute("UPDATE leases SET owner = '', expires = 0")
            copy.commit()
        SQLiteFile(path).detach()

    def detach(self) -> None:
        """Let the file be one that may be moved by itself; opening it as a store turns the log on again."""
        with refusals(self.path), closing(_connected(self.path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")

    def forget_deleted(self) -> bool:
        """Rewrite the file without what was deleted, and empty the log; False while others read what was before."""
        with refusals(self.path), closing(_connected(self.path)) as connection:
            connection.execute(PRAGMAS[0])
            connection.execute("VACUUM")
            busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    def close(self) -> None:
        """Close every connection that no transaction is using; the next use opens again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self._version = -1
        self._engine.dispose()

    def _connection(self) -> sqlite3.Connection:
        self._refuse_torn()
        if self._kept is None:
            self._still = is_still(self.path)
            self._kept = _connected(self.path)
            self._kept.execute(PRAGMAS[0])
        return self._kept

    def _refuse_torn(self) -> None:
        if self._torn:
            raise RuntimeError(f"{self.path}: this process was forked inside a transaction; start it by spawn instead")

    def before_fork(self) -> None:
        """Close what is idle: SQLite's locks do not survive a fork, and the child would not know."""
        self._lock.acquire()
        pool = self._engine.pool
        assert isinstance(pool, QueuePool), "asked for by _engine: it knows how many connections are in use"
        self._in_use = pool.checkedout()
        self._close()

    def after_fork(self, *, child: bool) -> None:
        """Go on; in the child only if no transaction was open."""
        self._torn = self._torn or (child and self._in_use > 0)
        self._lock.release()


def _connected(path: Path) -> sqlite3.Connection:
    # sqlite3 must not begin transactions by itself: a deferred one cannot be turned into a writing one.
    return sqlite3.connect(uri_of(path), uri=True, isolation_level=None, check_same_thread=False)


def _engine(path: Path) -> Engine:
    """Return an engine whose transactions begin as `SQLiteFile` says, with any number of threads."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)), poolclass=QueuePool, max_overflow=-1,
        creator=lambda: _connected(path),
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        first, *others = PRAGMAS
        connection.execute(first)
        keep_log(connection, seconds=BUSY_SECONDS)
        for pragma in others:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
