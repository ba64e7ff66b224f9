"""Users and their relations out of tables."""

from collections.abc import Iterator, Mapping

from plait.attributes import AttributeType, parse_number
from plait.catalog.reading import Read, Refused, needed, parsed, read_all, typed_values
from plait.records import Relation, User
from plait.tables import Row, Rows


def user_columns(rows: Rows) -> tuple[str, ...]:
    """Return the attribute columns of a users table. Raises BadData where user_id is missing."""
    rows.require("user_id")
    return tuple(column for column in rows.columns if column != "user_id")


def read_users(rows: Rows, types: Mapping[str, AttributeType]) -> Iterator[Read[User]]:
    """Read each row as a user with attributes. An id that comes twice is refused, the first one stays."""
    rows.require("user_id")
    seen: dict[str, str] = {}

    def read(row: Row) -> User:
        user_id = needed(row, "user_id")
        first = seen.setdefault(user_id, row.place)
        if first != row.place:
            raise Refused("user_id", f"{user_id!r} stands at {first} already")
        return User(user_id, typed_values(row, types))

    return read_all(rows, read)


def read_relations(rows: Rows) -> Iterator[Read[Relation]]:
    """Read each row as a relation, weight 1 where none is given."""
    rows.require("user_id")
    rows.require("other_id")

    def read(row: Row) -> Relation:
        weight = parsed("weight", lambda: parse_number(row.text("weight") or "1"))
        return Relation(needed(row, "user_id"), needed(row, "other_id"), weight)

    return read_all(rows, read)
