"""Ids out of a file: one a line, or a table that has the column."""

import csv
from collections.abc import Iterator
from pathlib import Path

from plait.catalog.reading import all_values, needed, read_all
from plait.errors import BadData, WrongCall
from plait.tables import Row, Rows, Table, cell_of, open_table


def read_ids(table: Table, column: str = "item_id") -> list[str]:
    """Return ids of a text file, one a line, or of a table that has the column, in the order given.

    A file of text is a table when its first line names the column. Raises WrongCall for a missing file, BadData for
    one that cannot be read and for a table without the column.
    """
    if not isinstance(table, str | Path):
        return _ids(open_table(table, column), column)
    path = Path(table)
    if not path.is_file():
        raise WrongCall(f"{path} is not a file")
    header = _header(path)
    if header is None or column in header or (path.suffix == ".csv" and len(header) > 1):
        return _ids(open_table(path, column), column)
    return list(_lines(path))


def _ids(rows: Rows, column: str) -> list[str]:
    def read(row: Row) -> str:
        return needed(row, column)

    rows.require(column)
    return all_values(read_all(rows, read))


def _header(path: Path) -> list[str] | None:
    """Return the fields of a text's first line, None for a file that is Parquet or JSONL."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == b"PAR1" or path.suffix.lower() in (".parquet", ".jsonl", ".ndjson"):
        return None
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        return [name.strip() for name in next(csv.reader([lines.readline()]), [])]


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                cell_of(line)
            except ValueError as error:
                raise BadData(f"{path.name}, line {number}: {error}") from error
            if line.strip():
                yield line.strip()
