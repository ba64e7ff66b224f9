"""SQLite place: how a file of SQLite is opened, also where nothing may be written."""

import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote


def uri_of(path: Path) -> str:
    """Return the URI that opens a database, for `sqlite3.connect(..., uri=True)`.

    A database with a log can be read only where its companions can be written. On a disk that is mounted read-only and
    where nobody has the file open, so that it has none, it is read as a file that nobody changes.
    """
    plain = f"file:{quote(str(path.absolute()))}"
    return f"{plain}?immutable=1" if is_still(path) else plain


def is_still(path: Path) -> bool:
    """Return whether a database lies on a disk mounted read-only and has no log: nobody writes it then."""
    try:
        read_only = os.statvfs(path).f_flag & os.ST_RDONLY
    except OSError:
        return False
    return bool(read_only) and not path.with_name(f"{path.name}-wal").exists()


def keep_log(connection: sqlite3.Connection, *, seconds: float) -> None:
    """Let a database have a write-ahead log, waiting so long for others. Raises sqlite3.OperationalError.

    SQLite itself does not wait here: where several open a new file at once it may refuse all but one at that moment.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
