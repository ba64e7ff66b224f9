"""The vector cache as a file: copied while it is used, and looked at for damage."""

import sqlite3
from contextlib import closing
from pathlib import Path

from embedders.vector_cache import FILE
from plait.errors import BadData
from plait.workspace import CACHE

CACHE_FILE = f"{CACHE}/{FILE}"


def copy_cache(path: Path, to: Path) -> None:
    """Write one moment of the cache to a file of its own. Raises BadData where it is damaged."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise BadData(f"{path} cannot be copied: {error}; `plait check --repair` mends it") from error


def cache_problems(path: Path) -> list[str]:
    """Return one line where the file is there and SQLite finds it damaged."""
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    return [] if found == "ok" else [f"{path} is damaged: {found}"]
