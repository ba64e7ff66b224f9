"""Erasing: a user is deleted from every table, and a line stays that does not tell who it was."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, delete, select

from plait.store import schema
from plait.store.numbering import Numbering

ERASED = "erased"
"""In meta: the sequence number of the last erasure."""
AUDIT = "erased."
"""In meta, before the sequence number of an erasure: what is kept of it."""
KEY = "erasure_key"
UNFINISHED = "erasing"
"""In meta while the rows of an erasure are gone and other files may still hold the id."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is kept of an erasure: the keyed hash of the id, when (Unix seconds), and how many rows went, by table."""

    sequence: int
    user: str
    at: float
    removed: Mapping[str, int]

    @classmethod
    def from_json(cls, sequence: int, text: str) -> "Erasure":
        """Return what the line `text` of a sequence number says."""
        return cls(sequence, **json.loads(text))


def keyed_hash(key: str, user_id: str) -> str:
    """Return HMAC-SHA256 (RFC 2104) of an id by a key of hexadecimal digits, which the store keeps."""
    return hmac.new(bytes.fromhex(key), user_id.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


class Erasing(Numbering):
    """What erases people in a writing transaction."""

    def erase_user(self, user_id: str, *, now: float) -> dict[str, int]:
        """Delete all rows of a user; return how many, by table.

        An erasure of anything takes a number, by which processes know that their memory holds too much.
        """
        removed = {table.name: self._delete(table, where) for table, where in _rows_of(user_id)}
        if any(removed.values()):
            number = self._numbered([{}])[0]["sequence"]
            line = {"user": keyed_hash(self._key(), user_id), "at": now, "removed": removed}
            self._keep(f"{AUDIT}{number}", json.dumps(line))
            self._keep(ERASED, str(number))
            self._keep(UNFINISHED, str(number))
        return removed

    def end_erasing(self) -> None:
        """Note that no file holds an erased id any more."""
        self._connection.execute(delete(schema.meta).where(schema.meta.c.key == UNFINISHED))

    def _delete(self, table: Table, where: "ColumnElement[bool]") -> int:
        return self._connection.execute(delete(table).where(where)).rowcount

    def _key(self) -> str:
        found = self._connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == KEY)).scalar()
        if found is None:
            found = secrets.token_hex(32)
            self._keep(KEY, found)
        return found

    def _keep(self, key: str, value: str) -> None:
        self._replace(schema.meta, "key", [{"key": key, "value": value}])


def _rows_of(user_id: str) -> "list[tuple[Table, ColumnElement[bool]]]":
    """Return which rows of which tables are a user's; slots before the heads that they belong to."""
    heads, relations = schema.exposures, schema.relations
    shown = select(heads.c.recommendation_id).where(heads.c.user_id == user_id)
    return [
        (schema.events, schema.events.c.user_id == user_id),
        (schema.exposure_slots, schema.exposure_slots.c.recommendation_id.in_(shown)),
        (heads, heads.c.user_id == user_id),
        (relations, (relations.c.user_id == user_id) | (relations.c.other_id == user_id)),
        (schema.users, schema.users.c.user_id == user_id),
    ]
