"""Numbering: one writing transaction, and the sequence numbers it gives out."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, update

from plait.store.schema import counter

Row = Mapping[str, Any]


class Numbering:
    """What every kind of change builds on: the connection, the next number, rows found and replaced."""

    def __init__(self, connection: Connection) -> None:
        """Begin where the counter stands; it is locked, so that numbers are in the order of commits."""
        self._connection = connection
        self._sequence: int = connection.execute(select(counter.c.sequence).with_for_update()).scalar_one()

    def skip_to(self, sequence: int) -> None:
        """Go on behind a number, where that is further."""
        self._sequence = max(self._sequence, sequence)

    def keep_sequence(self) -> None:
        """Write the counter back; done once, when everything else is written."""
        self._connection.execute(update(counter).values(sequence=self._sequence))

    def _numbered(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Return the rows, each with a number of its own, in their order."""
        first = self._sequence + 1
        self._sequence += len(rows)
        return [{**row, "sequence": number} for number, row in enumerate(rows, start=first)]

    def _found(self, table: Table, key: str, values: Sequence[str]) -> dict[str, RowMapping]:
        """Return the rows whose `key` is one of `values`, by it."""
        wanted = select(table).where(table.c[key].in_(values))
        return {row[key]: row for row in self._connection.execute(wanted).mappings()}

    def _insert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self._connection.execute(insert(table), list(rows))

    def _replace(self, table: Table, key: str, rows: Sequence[Row]) -> None:
        """Write rows in the place of those with the same `key`, or beside the others."""
        self._connection.execute(delete(table).where(table.c[key].in_([row[key] for row in rows])))
        self._insert(table, rows)
