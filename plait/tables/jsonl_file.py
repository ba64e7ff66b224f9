"""JSONL files: one JSON object a line."""

import json
from collections.abc import Iterator
from pathlib import Path

from plait.errors import BadData
from plait.tables.rows import Row, Rows, checked_columns, row_of

LONGEST_LINE = 16_000_000
"""Characters."""


def open_jsonl(path: Path) -> Rows:
    """Return the rows of a JSONL file; its columns are the keys of all objects. Raises BadData for an empty file."""
    columns: dict[str, None] = {}
    row = None
    for row in _read(path):
        columns.update(dict.fromkeys(row.cells))
    if row is None:
        raise BadData(f"{path.name}: empty; expected one JSON object a line")
    return Rows(path.name, checked_columns(path.name, tuple(columns)), path.resolve().parent, lambda: _read(path))


def _read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), ""), start=1):
            if len(line) == LONGEST_LINE:
                raise BadData(f"{path.name}, line {number}: longer than {LONGEST_LINE} characters")
            if line.strip():
                yield _row(f"line {number}", line.rstrip())


def _row(place: str, line: str) -> Row:
    try:
        # Numbers stay the text they are: 1e5 and 0.10 are ids as well as numbers.
        record = json.loads(line, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_single_keys)
    except json.JSONDecodeError as error:
        return Row(place, {}, "", f"no JSON: {error.msg} at character {error.pos + 1}")
    except (ValueError, RecursionError) as error:
        return Row(place, {}, "", str(error))
    if not isinstance(record, dict):
        return Row(place, {}, "", "no JSON object")
    return row_of(place, record)


def _single_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = {key.strip(): value for key, value in pairs}
    if len(record) < len(pairs):
        keys = [key.strip() for key, _ in pairs]
        doubled = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise ValueError(f"the key {doubled} stands twice")
    return record
