"""Places: the database of a store, by where it lies."""

from pathlib import Path

from sqlalchemy import URL

from plait.errors import BadData
from plait.store.database import Database
from plait.store.sqlite import SQLiteFile

Place = Path | URL
"""A file of SQLite, or a URL of `url.store_url`."""


def database_at(place: Place) -> Database:
    """Return the database at a place; nothing is opened. Raises BadData where what reads it is not installed."""
    if isinstance(place, Path):
        return SQLiteFile(place)
    try:
        from plait.store.postgresql import PostgreSQL
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise BadData("a store on PostgreSQL needs psycopg: pip install 'plait[postgresql]'") from error
    return PostgreSQL(place)
