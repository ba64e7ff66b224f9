"""Pairs of a user and an item out of a table, to be scored."""

from collections.abc import Iterator
from dataclasses import dataclass

from plait.attributes import parse_number
from plait.catalog.reading import Read, needed, parsed, read_all
from plait.tables import Row, Rows


@dataclass(frozen=True, slots=True)
class Pair:
    """A user and an item, and the rating the user gave where it is known."""

    user_id: str
    item_id: str
    rating: float | None = None


def read_pairs(rows: Rows) -> Iterator[Read[Pair]]:
    """Read each row as a pair. Raises BadData where user_id or item_id is missing."""
    rows.require("user_id")
    rows.require("item_id")

    def read(row: Row) -> Pair:
        rating = row.text("rating")
        value = parsed("rating", lambda: parse_number(rating)) if rating else None
        return Pair(needed(row, "user_id"), needed(row, "item_id"), value)

    return read_all(rows, read)
