"""Reads: what every kind of reading builds on; each read sees one moment of the store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CursorResult, RowMapping, Select

from plait.store.chunks import chunks
from plait.store.database import Database

PAGE = 1_000
"""Rows in memory at once while a read streams."""


class Reads:
    """Reads of a store's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _rows(self, wanted: "Select[Any]") -> list[RowMapping]:
        with self._database.reading() as connection:
            return list(connection.execute(wanted).mappings())

    def _stream(self, wanted: "Select[Any]") -> Iterator[RowMapping]:
        """Iterate over rows with bounded memory; they are of the moment when the first one is asked for."""
        with self._streamed(wanted) as rows:
            yield from rows.mappings()

    @contextmanager
    def _streamed(self, wanted: "Select[Any]") -> "Iterator[CursorResult[*tuple[Any, ...]]]":
        with (
            self._database.reading() as connection,
            connection.execution_options(yield_per=PAGE).execute(wanted) as rows,
        ):
            yield rows

    def _quick_in(self, statement: str, values: Sequence[str]) -> list[Any]:
        """Return the rows of a short statement with `IN (?)`, the mark standing for any number of values."""
        found: list[Any] = []
        for chunk in chunks(values):
            found += self._database.quick(statement.replace("(?)", f"({','.join('?' * len(chunk))})"), chunk)
        return found
