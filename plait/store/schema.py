"""The tables of the store, and how an older file becomes a newer one."""

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)

from plait.errors import BadData

VERSION = 1
"""The schema this program reads and writes."""

metadata = MetaData()

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False))

counter = Table("counter", metadata, Column("sequence", Integer, nullable=False))
"""One row: the sequence number of the last change."""

items = Table(
    "items",
    metadata,
    Column("item_id", String, primary_key=True),
    Column("sequence", Integer, nullable=False, unique=True),
    Column("removed", Integer, nullable=False),
    Column("title", String, nullable=False),
    Column("description", String, nullable=False),
    Column("image", String, nullable=False),
    Column("audio", String, nullable=False),
    Column("categories", String, nullable=False),
    Column("created_at", Float),
    Column("attributes", String, nullable=False),
    Column("hashes", String, nullable=False),
)
"""A removed item keeps its row as a tombstone, emptied, because its events stay."""

attribute_types = Table(
    "attribute_types",
    metadata,
    Column("name", String, primary_key=True),
    Column("type", String, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("identity", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("event", String, nullable=False),
    Column("value", Float),
    Column("timestamp", Float, nullable=False),
    Column("event_id", String, nullable=False),
    Column("session_id", String, nullable=False),
    Column("recommendation_id", String, nullable=False),
    Column("query", String, nullable=False),
    UniqueConstraint("identity", name="event_identity"),
    Index("events_of_user", "user_id", "timestamp", "sequence"),
)

users = Table(
    "users",
    metadata,
    Column("user_id", String, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("attributes", String, nullable=False),
)

relations = Table(
    "relations",
    metadata,
    Column("user_id", String, nullable=False),
    Column("other_id", String, nullable=False),
    Column("weight", Float, nullable=False),
    Column("sequence", Integer, nullable=False),
    PrimaryKeyConstraint("user_id", "other_id"),
)

exposures = Table(
    "exposures",
    metadata,
    Column("recommendation_id", String, primary_key=True),
    Column("user_id", String, nullable=False, index=True),
    Column("timestamp", Float, nullable=False),
    Column("policy", String, nullable=False),
    Column("sequence", Integer, nullable=False),
)

exposure_slots = Table(
    "exposure_slots",
    metadata,
    Column("recommendation_id", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("item_id", String, nullable=False),
    Column("propensity", Float, nullable=False),
    PrimaryKeyConstraint("recommendation_id", "position"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("token", Integer, nullable=False),
    Column("expires", Float, nullable=False),
)

Migration = Callable[[Connection], None]
MIGRATIONS: dict[int, Migration] = {}
"""What turns version n into n + 1, by n."""


def create(connection: Connection) -> None:
    """Make all tables in an empty database."""
    metadata.create_all(connection)
    connection.execute(insert(counter).values(sequence=0))
    connection.execute(insert(meta).values(key="schema_version", value=str(VERSION)))


def version_of(connection: Connection) -> int:
    """Return the schema version of a store."""
    return int(connection.execute(select(meta.c.value).where(meta.c.key == "schema_version")).scalar_one())


def migrate(connection: Connection) -> None:
    """Bring an older store up to VERSION. Raises BadData for one that a newer Plait wrote."""
    found = version_of(connection)
    if found > VERSION:
        raise BadData(f"the store has schema version {found}; this Plait knows up to {VERSION}: upgrade Plait")
    for version in range(found, VERSION):
        MIGRATIONS[version](connection)
        connection.execute(update(meta).where(meta.c.key == "schema_version").values(value=str(version + 1)))
