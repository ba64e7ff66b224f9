"""Numbering: one writing transaction, and the sequence numbers it gives out."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, delete, insert, select, update

from plait.store.schema import counter

Row = Mapping[str, Any]
ASKED = select(counter.c.sequence).with_for_update()
KEPT = update(counter).values(sequence=bindparam("number"))


class Numbering:
    """What every kind of change builds on: the connection, the next number, rows found and replaced."""

    def __init__(self, connection: Connection) -> None:
        """Begin where the counter stands; it is locked, so that numbers are in the order of commits."""
        self._connection = connection
        self._sequence: int = connection.execute(ASKED).scalar_one()

    def skip_to(self, sequence: int) -> None:
        """Go on behind a number, where that is further."""
        self._sequence = max(self._sequence, sequence)

    def keep_sequence(self) -> None:
        """Write the counter back; done once, when everything else is written."""
        self._connection.execute(KEPT, {"number": self._sequence})

    def _numbers(self, count: int) -> range:
        """Return the next `count` numbers, which are given out by that."""
        first = self._sequence + 1
        self._sequence += count
        return range(first, first + count)

    def _numbered(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Return the rows, each with a number of its own, in their order."""
        numbers = self._numbers(len(rows))
        return [{**row, "sequence": number} for number, row in zip(numbers, rows, strict=True)]

    def _found(self, table: Table, key: str, values: Sequence[str]) -> dict[str, RowMapping]:
        """Return the rows whose `key` is one of `values`, by it."""
        found = self._connection.execute(_wanted(table, key), {"values": values})
        return {row[key]: row for row in found.mappings()}

    def _insert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self._connection.execute(insert(table), list(rows))

    def _replace(self, table: Table, key: str, rows: Sequence[Row]) -> None:
        """Write rows in the place of those with the same `key`, or beside the others."""
        self._connection.execute(delete(table).where(table.c[key].in_([row[key] for row in rows])))
        self._insert(table, rows)


@cache
def _wanted(table: Table, key: str) -> "Select[Any]":
    """Return the statement for rows whose `key` is one of `values`: made once, it takes a third of the time."""
    return select(table).where(table.c[key].in_(bindparam("values", expanding=True)))
