"""CSV files, read line by line."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from plait.errors import BadData
from plait.tables.rows import Row, Rows, checked_columns, row_of

LONGEST_FIELD = 16_000_000
"""Characters. A quote that is never closed must not read a whole file into one field."""
csv.field_size_limit(LONGEST_FIELD)


def open_csv(path: Path) -> Rows:
    """Return the rows of a CSV file. Raises BadData where it has no header."""
    with _stream(path) as stream:
        columns = _columns(path.name, csv.reader(stream, strict=True))
    return Rows(path.name, columns, path.resolve().parent, lambda: _read(path))


def _stream(path: Path) -> TextIO:
    # Bytes that are not UTF-8 become characters which the row they stand in is refused for, by its line and column.
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _columns(name: str, reader: Iterator[list[str]]) -> tuple[str, ...]:
    try:
        header = next((values for values in reader if values), None)
    except csv.Error as error:
        raise BadData(f"{name}, line 1: {error}; expected a header with the names of the columns") from error
    if header is None:
        raise BadData(f"{name}: empty; expected a header with the names of the columns")
    return checked_columns(f"{name}, line 1", header)


def _read(path: Path) -> Iterator[Row]:
    with _stream(path) as stream:
        reader = csv.reader(stream, strict=True)
        columns = _columns(path.name, reader)
        while True:
            line = reader.line_num + 1
            try:
                values = next(reader, None)
            except csv.Error as error:
                if reader.line_num > line:
                    # Where a quoted text over several lines goes wrong, nobody knows where the next row begins.
                    lines = f"lines {line} to {reader.line_num}"
                    raise BadData(f"{path.name}, {lines}: {error} (a quote that is not closed?)") from error
                yield Row(f"line {line}", {}, "", str(error))
                continue
            if values is None:
                return
            if values:
                yield _row(f"line {line}", columns, values)


def _row(place: str, columns: tuple[str, ...], values: list[str]) -> Row:
    if len(values) == len(columns):
        return row_of(place, dict(zip(columns, values, strict=True)))
    missing = columns[len(values)] if len(values) < len(columns) else ""
    return Row(place, {}, missing, f"the row has {len(values)} fields; expected {len(columns)}")
