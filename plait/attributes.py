"""Attributes: columns typed as number, date, category or several values."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from embedders.items import AttributeValue
from plait.tables import Cell, Row

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
LEADING_ZERO = re.compile(r"[+-]?0\d")
DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = -62_135_596_800.0, 32_503_680_000.0
"""Unix seconds of the years 1 and 3000."""


class AttributeType(StrEnum):
    """How the values of a column are read; later types accept what earlier ones do."""

    NUMBER = "number"
    DATE = "date"
    CATEGORY = "category"
    SEVERAL = "several"


def infer_types(rows: Iterable[Row], columns: Sequence[str]) -> dict[str, AttributeType]:
    """Return the type of each column that has a value, from all its values, in one pass.

    A column is a number or a date when each value is one; numbers with a leading zero are names (zip codes), and
    a `|` or a list makes several values.
    """
    types: dict[str, AttributeType] = {}
    for row in rows:
        for column in columns:
            cell = row.cells.get(column)
            so_far = types.get(column)
            if so_far is AttributeType.SEVERAL or _is_empty(cell):
                continue
            types[column] = _widened(so_far, cell)
    return types


def typed(cell: Cell, kind: AttributeType) -> AttributeValue | None:
    """Return a cell's value, None for an empty one. Raises ValueError for a value that is not of the type."""
    if kind is AttributeType.SEVERAL:
        return several(cell) or None
    if cell is None or _is_empty(cell):
        return None
    if isinstance(cell, list):
        raise ValueError(f"several values; expected one {kind}")
    if kind is AttributeType.NUMBER:
        return parse_number(cell)
    return parse_time(cell) if kind is AttributeType.DATE else cell.strip()


def several(cell: Cell) -> tuple[str, ...]:
    """Return the values of a list or of a text with `|` between them, each once, in the order given."""
    parts = cell if isinstance(cell, list) else (cell or "").split("|")
    return tuple(dict.fromkeys(stripped for part in parts if (stripped := part.strip())))


def parse_number(text: str) -> float:
    """Return a finite decimal number. Raises ValueError."""
    number = float(text) if NUMBER.fullmatch(text.strip()) else math.nan
    if not math.isfinite(number):
        raise ValueError(f"{text.strip()!r} is no number")
    return number


def parse_time(text: str) -> float:
    """Return Unix seconds of a number, or of an ISO 8601 date or time (UTC where it names no zone).

    Raises ValueError for anything else, and for numbers that are no seconds (milliseconds lie beyond year 3000).
    """
    text = text.strip()
    if NUMBER.fullmatch(text):
        seconds = float(text)
        if not EARLIEST <= seconds <= LATEST:
            raise ValueError(f"{text!r} is no time in Unix seconds (milliseconds?)")
        return seconds
    if not DATE.fullmatch(text):
        raise ValueError(f"{text!r} is no time; expected Unix seconds or ISO 8601")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time ({error}); expected Unix seconds or ISO 8601") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def time_text(seconds: float) -> str:
    """Return Unix seconds as ISO 8601 in UTC, which `parse_time` reads: of midnight the date alone."""
    moment = EPOCH + timedelta(seconds=seconds)
    if moment.time() == time():
        return moment.date().isoformat()
    return moment.replace(tzinfo=None).isoformat() + "Z"


def merge_types(stored: Mapping[str, AttributeType], found: Mapping[str, AttributeType]) -> dict[str, AttributeType]:
    """Return the types of a workspace after reading another table: a column keeps the type it has."""
    return {**found, **stored}


def _is_empty(cell: Cell) -> bool:
    return not (cell.strip() if isinstance(cell, str) else cell)


def _widened(so_far: AttributeType | None, cell: Cell) -> AttributeType:
    """Return the narrowest type of a column that also holds this cell."""
    if isinstance(cell, list) or "|" in (cell or ""):
        return AttributeType.SEVERAL
    text = (cell or "").strip()
    if so_far in (None, AttributeType.NUMBER) and _parses(text, parse_number) and not LEADING_ZERO.match(text):
        return AttributeType.NUMBER
    if so_far in (None, AttributeType.DATE) and _parses(text, parse_time) and not NUMBER.fullmatch(text):
        return AttributeType.DATE
    return AttributeType.CATEGORY


def _parses(text: str, parse: Callable[[str], float]) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True
