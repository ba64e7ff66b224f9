"""The vector cache as a file: copied while it is used, and looked at for damage."""

import sqlite3
from contextlib import closing
from pathlib import Path

from embedders.sqlite_place import uri_of
from embedders.vector_cache import FILE
from plait.errors import BadData
from plait.workspace import CACHE

CACHE_FILE = f"{CACHE}/{FILE}"
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""Codes of SQLite by which a file is damaged, and not a disk full or a folder closed."""


def copy_cache(path: Path, to: Path) -> None:
    """Write one moment of the cache to a file of its own. Raises BadData where it is damaged."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(uri_of(path), uri=True)) as source, closing(sqlite3.connect(to)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise BadData(f"{path} cannot be copied: {error}; `plait check --repair` mends it") from error


def cache_problems(path: Path) -> list[str]:
    """Return one line where the file is there and SQLite finds it damaged, or cannot look at it."""
    try:
        found = cache_damage(path)
    except BadData as error:
        return [str(error)]
    return [f"{path} is damaged: {found}"] if found else []


def cache_damage(path: Path) -> str:
    """Return what SQLite finds wrong with the file, "" for a sound one and for none.

    Raises BadData where it cannot be looked at, as on a full disk: that says nothing of what is in it.
    """
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(uri_of(path), uri=True)) as connection:
            found = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in DAMAGE:
            raise BadData(f"{path} cannot be looked at: {error}") from error
        found = str(error)
    return "" if found == "ok" else found
