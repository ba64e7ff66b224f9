"""Rankings out of a table: what somebody else's model shows to each user, to be judged."""

from collections.abc import Container

from plait.catalog.reading import Refused, all_values, needed, read_all
from plait.tables import Row, Table, open_table

COLUMNS = ("user_id", "rank", "item_id")


def read_rankings(
    table: Table, name: str, *, user_ids: Container[str], item_ids: Container[str]
) -> dict[str, dict[str, int]]:
    """Return the rank of each item by user and item; rows may come in any order, other columns are passed over.

    Raises WrongCall for a missing file, BadData for missing columns and with the first row that has an id not in
    `user_ids` or `item_ids`, a rank that is no whole number from 1, or a rank or an item that its user has already.
    """
    rows = open_table(table, name)
    for column in COLUMNS:
        rows.require(column)
    found: dict[str, dict[str, int]] = {}
    places: dict[tuple[str, int], str] = {}

    def read(row: Row) -> str:
        user_id, item_id = needed(row, "user_id"), needed(row, "item_id")
        rank = _rank(needed(row, "rank"))
        for column, known, ids in (("user_id", user_id, user_ids), ("item_id", item_id, item_ids)):
            if known not in ids:
                raise Refused(column, f"{known!r} is not known")
        mine = found.setdefault(user_id, {})
        if item_id in mine:
            raise Refused("item_id", f"{user_id!r} has {item_id!r} already, on rank {mine[item_id]}")
        first = places.setdefault((user_id, rank), row.place)
        if first != row.place:
            raise Refused("rank", f"{user_id!r} has rank {rank} at {first} already")
        mine[item_id] = rank
        return user_id

    all_values(read_all(rows, read))
    return found


def _rank(text: str) -> int:
    """Return a rank, which a table of numbers may have written as 3.0. Raises Refused."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value < 2**31 or value != int(value):
        raise Refused("rank", f"{text!r}; expected a whole number from 1")
    return int(value)
