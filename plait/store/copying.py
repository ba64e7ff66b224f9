"""Copying: all rows of one store into another, of whatever kind the two are."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from plait.store.chunks import chunks
from plait.store.schema import leases, metadata

ROWS = 5_000
"""Rows in memory at once."""


def copy_rows(source: Connection, target: Connection) -> None:
    """Put the rows of one store in the place of those of another, inside its writing transaction.

    Both have the schema of this program. Leases keep their tokens and lose their holders.
    """
    for table in reversed(metadata.sorted_tables):
        target.execute(delete(table))
    for table in metadata.sorted_tables:
        for rows in chunks(_rows(source, table), ROWS):
            target.execute(insert(table), rows)


def _rows(source: Connection, table: Table) -> Iterator[dict[str, Any]]:
    names: Sequence[str] = table.columns.keys()
    nobody = {"owner": "", "expires": 0.0} if table is leases else {}
    # Plain tuples: each row becomes a dict anyway.
    for row in source.execution_options(yield_per=ROWS).execute(select(table)):
        yield dict(zip(names, row, strict=True)) | nobody
