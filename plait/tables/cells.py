"""Cells: a value of any table as text."""

import math
import re

Cell = str | list[str] | None
"""What stands in one cell: text, several texts, or nothing. Numbers are their usual text."""

SPOILT = re.compile(r"[\x00\ud800-\udfff]")
"""A NUL, and the halves of characters that stand for bytes which are not UTF-8."""


def cell_of(value: object) -> Cell:
    """Return a value of a typed table as text: an integer without a point, a truth as true or false, a list as texts.

    NaN is a missing value, as in data frames. Raises ValueError for text that is not UTF-8 or holds a NUL, and for
    a value that is neither text, number, time nor a list of these.
    """
    if isinstance(value, str):
        return _whole(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, list | tuple):
        return _texts(value)
    if isinstance(value, bytes):
        return _whole(value.decode(errors="surrogateescape"))
    if isinstance(value, dict):
        raise ValueError("an object; expected text, a number or a list")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if hasattr(value, "tolist"):
        return cell_of(value.tolist())
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def _texts(values: list[object] | tuple[object, ...]) -> list[str]:
    texts = []
    for value in values:
        cell = cell_of(value)
        if isinstance(cell, list):
            raise ValueError("a list of lists; expected a list of texts")
        if cell is not None:
            texts.append(cell)
    return texts


def _whole(text: str) -> str:
    if text.isascii() and "\0" not in text:
        return text
    spoilt = SPOILT.search(text)
    if spoilt is None:
        return text
    found = "a NUL byte" if spoilt[0] == "\0" else "not UTF-8"
    raise ValueError(f"{found} at character {spoilt.start() + 1}; expected text in UTF-8")
