"""The catalogue and the log, read and checked: rows become items, events, users and relations, or errors."""

from plait.catalog.ids import read_ids
from plait.catalog.interactions import EVENT_COLUMNS, ignored_columns, read_interactions
from plait.catalog.items import CONTENT, ITEM_COLUMNS, CheckMedia, item_columns, read_items
from plait.catalog.pairs import Pair, read_pairs
from plait.catalog.people import read_relations, read_users, user_columns
from plait.catalog.queries import QueryRow, read_queries
from plait.catalog.reading import BadRows, Read, RowError

__all__ = [
    "CONTENT",
    "EVENT_COLUMNS",
    "ITEM_COLUMNS",
    "BadRows",
    "CheckMedia",
    "Pair",
    "QueryRow",
    "Read",
    "RowError",
    "ignored_columns",
    "item_columns",
    "read_ids",
    "read_interactions",
    "read_items",
    "read_pairs",
    "read_queries",
    "read_relations",
    "read_users",
    "user_columns",
]
