"""Versions: an empty database becomes a store, and an older store a newer one."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, insert, inspect, select, text, update

from plait.errors import BadData
from plait.store.schema import counter, meta, metadata

Migration = Callable[[Connection], None]


def _exposures_in_order(connection: Connection) -> None:
    connection.execute(text("CREATE INDEX exposures_in_order ON exposures (sequence)"))


def _index_sessions(connection: Connection) -> None:
    wanted = "CREATE INDEX events_of_session ON events (session_id, timestamp, sequence) WHERE session_id != ''"
    connection.execute(text(wanted))


def _moved_events(connection: Connection) -> None:
    whole = "BIGINT" if connection.dialect.name == "postgresql" else "INTEGER"
    connection.execute(text(f"ALTER TABLE events ADD COLUMN recorded {whole}"))
    connection.execute(text("CREATE INDEX events_moved ON events (recorded) WHERE recorded IS NOT NULL"))


MIGRATIONS: Sequence[Migration] = (_exposures_in_order, _index_sessions, _moved_events)
"""In order: the first turns version 1 into 2. Each writes its own SQL, since the tables of schema.py move on."""
KEY = "schema_version"


def version() -> int:
    """Return the version of the schema that this program reads and writes."""
    return len(MIGRATIONS) + 1


def version_of(connection: Connection, place: str) -> int:
    """Return the schema version of a database, which messages call `place`; 0 for an empty one.

    Raises BadData for one that is no store.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return 0
    if not {meta.name, counter.name} <= set(tables):
        raise BadData(f"{place} is no store, but a database with the tables {', '.join(sorted(tables))}")
    found = connection.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar()
    if found is None or not found.isdecimal():
        raise BadData(f"{place} has schema version {found!r}; expected a number")
    if int(found) > version():
        raise BadData(f"{place} has schema version {found}; this Plait knows up to {version()}: upgrade Plait")
    return int(found)


def bring_up(connection: Connection, place: str) -> None:
    """Make the tables in an empty database, or migrate an older store, inside a writing transaction."""
    found = version_of(connection, place)
    if not found:
        metadata.create_all(connection)
        connection.execute(insert(counter).values(sequence=0))
        connection.execute(insert(meta).values(key=KEY, value=str(version())))
        return
    for migration in MIGRATIONS[found - 1 :]:
        migration(connection)
    connection.execute(update(meta).where(meta.c.key == KEY).values(value=str(version())))
