"""The tables of the store."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    text,
)

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
    Index("living_items", "removed", "item_id"),
)
"""A removed item keeps its row as a tombstone, emptied, because its events stay.

`categories` is a JSON list, `attributes` and `hashes` (content hash by strand) are JSON objects.
"""

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
    Index("events_of_session", "session_id", "timestamp", "sequence", sqlite_where=text("session_id != ''")),
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
    Index("exposures_in_order", "sequence"),
)

exposure_slots = Table(
    "exposure_slots",
    metadata,
    Column("recommendation_id", String, ForeignKey(exposures.c.recommendation_id), nullable=False),
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
