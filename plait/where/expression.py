"""Expressions of the filter language, and which rows of an ItemTable they hold for."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plait.attributes import AttributeType, parse_time
from plait.errors import WrongCall
from plait.item_table import NUMERIC, Column, ItemTable

Mask = NDArray[np.bool_]
Literal = str | float

SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NEGATIVE = ("!=", "not in")
"""Signs that hold where a value is there and none of those named is among them."""
ORDERING = ("<", "<=", ">", ">=")


class WhereError(WrongCall):
    """An expression that cannot be understood, or does not fit the catalogue."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`name sign values`; sign is one of SIGNS, "in", "not in", "is null", "is not null"."""

    name: str
    sign: str
    values: tuple[Literal, ...] = ()

    def mask(self, table: ItemTable) -> Mask:
        """Return (rows,) True where the comparison holds.

        Raises WhereError for an attribute that the catalogue does not have, and for a text beside a number.
        """
        column = table.columns.get(self.name)
        if column is None:
            raise WhereError(f"where: no attribute {self.name}; known are {', '.join(sorted(table.columns))}")
        present = _present(column, len(table))
        if self.sign == "is not null":
            return present
        if self.sign == "is null":
            return ~present
        if self.sign in ORDERING:
            return self._ordered(column, len(table))
        equal = self._equal(column, len(table))
        return ~equal & present if self.sign in NEGATIVE else equal

    def _ordered(self, column: Column, count: int) -> Mask:
        holds = SIGNS[self.sign]
        if column.kind in NUMERIC:
            # NaN, a missing value, compares false.
            compared: Mask = holds(column.numbers, _number(self.name, column.kind, self.values[0]))
            return compared
        bound = _text(self.name, self.values[0])
        words = np.fromiter((holds(word, bound) for word in column.vocabulary), np.bool_, len(column.vocabulary))
        return _rows_with(column, words, count)

    def _equal(self, column: Column, count: int) -> Mask:
        if column.kind in NUMERIC:
            numbers = [_number(self.name, column.kind, value) for value in self.values]
            return np.asarray(np.isin(column.numbers, numbers), dtype=np.bool_)
        words = np.zeros(len(column.vocabulary), dtype=np.bool_)
        codes = (column.vocabulary.get(_text(self.name, value)) for value in self.values)
        words[[code for code in codes if code is not None]] = True
        return _rows_with(column, words, count)


@dataclass(frozen=True, slots=True)
class Junction:
    """Several expressions joined by "and" or "or", or one turned around by "not"."""

    word: str
    parts: tuple["Expression", ...]

    def mask(self, table: ItemTable) -> Mask:
        """Return (rows,) True where the expression holds. Raises WhereError as a comparison does."""
        masks = [part.mask(table) for part in self.parts]
        if self.word == "not":
            return ~masks[0]
        joined: Mask = np.all(masks, axis=0) if self.word == "and" else np.any(masks, axis=0)
        return joined


Expression = Comparison | Junction


def _number(name: str, kind: AttributeType, value: Literal) -> float:
    if isinstance(value, float):
        return value
    if kind is AttributeType.DATE:
        try:
            return parse_time(value)
        except ValueError as error:
            raise WhereError(f"where: {name} is a date, and {error}") from error
    raise WhereError(f"where: {name} is a number; got the text {value!r}")


def _text(name: str, value: Literal) -> str:
    if isinstance(value, float):
        raise WhereError(f"where: {name} is text; got the number {value:g}, expected text in '...'")
    return value


def _rows_with(column: Column, words: Mask, count: int) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[column.rows[words[column.codes]]] = True
    return mask


def _present(column: Column, count: int) -> Mask:
    if column.kind in NUMERIC:
        return ~np.isnan(column.numbers)
    mask = np.zeros(count, dtype=np.bool_)
    mask[column.rows] = True
    return mask
