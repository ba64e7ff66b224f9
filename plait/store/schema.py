"""The tables of the store."""

from sqlalchemy import (
    BigInteger,
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
Whole = Integer().with_variant(BigInteger(), "postgresql")
"""64 bits everywhere."""
Text = String().with_variant(String(collation="C"), "postgresql")
"""Compared and ordered by its bytes everywhere, as Python orders it."""
SAID = text("session_id != ''")
MOVED = text("recorded IS NOT NULL")

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

counter = Table("counter", metadata, Column("sequence", Whole, nullable=False))
"""One row: the sequence number of the last change."""

items = Table(
    "items",
    metadata,
    Column("item_id", Text, primary_key=True),
    Column("sequence", Whole, nullable=False, unique=True),
    Column("removed", Whole, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("image", Text, nullable=False),
    Column("audio", Text, nullable=False),
    Column("categories", Text, nullable=False),
    Column("created_at", Float),
    Column("attributes", Text, nullable=False),
    Column("hashes", Text, nullable=False),
    Index("living_items", "removed", "item_id"),
)
"""A removed item keeps its row as a tombstone, emptied, because its events stay.

`categories` is a JSON list, `attributes` and `hashes` (content hash by strand) are JSON objects.
"""

attribute_types = Table(
    "attribute_types",
    metadata,
    Column("name", Text, primary_key=True),
    Column("type", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("sequence", Whole, primary_key=True, autoincrement=False),
    Column("identity", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("value", Float),
    Column("timestamp", Float, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("recommendation_id", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("recorded", Whole),
    UniqueConstraint("identity", name="event_identity"),
    Index("events_of_user", "user_id", "timestamp", "sequence"),
    Index("events_of_session", "session_id", "timestamp", "sequence", sqlite_where=SAID, postgresql_where=SAID),
    Index("events_moved", "recorded", sqlite_where=MOVED, postgresql_where=MOVED),
)
"""`recorded` is the number under which an event that was moved to another user was recorded first, else NULL."""

users = Table(
    "users",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("sequence", Whole, nullable=False),
    Column("attributes", Text, nullable=False),
)

relations = Table(
    "relations",
    metadata,
    Column("user_id", Text, nullable=False),
    Column("other_id", Text, nullable=False),
    Column("weight", Float, nullable=False),
    Column("sequence", Whole, nullable=False),
    PrimaryKeyConstraint("user_id", "other_id"),
)

exposures = Table(
    "exposures",
    metadata,
    Column("recommendation_id", Text, primary_key=True),
    Column("user_id", Text, nullable=False, index=True),
    Column("timestamp", Float, nullable=False),
    Column("policy", Text, nullable=False),
    Column("sequence", Whole, nullable=False),
    Index("exposures_in_order", "sequence"),
)

exposure_slots = Table(
    "exposure_slots",
    metadata,
    Column("recommendation_id", Text, ForeignKey(exposures.c.recommendation_id), nullable=False),
    Column("position", Whole, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("propensity", Float, nullable=False),
    PrimaryKeyConstraint("recommendation_id", "position"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("token", Whole, nullable=False),
    Column("expires", Float, nullable=False),
)
