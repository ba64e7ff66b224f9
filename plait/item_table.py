"""ItemTable: categories, times and attributes of items as columns, row by row as the index has them."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedders.items import AttributeValue, Item
from plait.attributes import AttributeType

NUMERIC = (AttributeType.NUMBER, AttributeType.DATE)
OWN_COLUMNS = {
    "item_id": AttributeType.CATEGORY,
    "categories": AttributeType.SEVERAL,
    "created_at": AttributeType.DATE,
}
"""The columns every catalogue has beside its attributes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column over n rows.

    `numbers` (n,) float64 with NaN for missing, for numbers and dates; otherwise `codes` (v,) index `vocabulary`
    and `rows` (v,) ascending say which row has the value, so that a row has none, one or several.
    """

    kind: AttributeType
    numbers: NDArray[np.float64]
    rows: NDArray[np.int64]
    codes: NDArray[np.int64]
    vocabulary: Mapping[str, int]


class ItemTable:
    """Columns of n items; a row may be dead (None), then it has no value anywhere. It never changes."""

    def __init__(
        self,
        items: Iterable[Item | None],
        types: Mapping[str, AttributeType],
        *,
        after: "ItemTable | None" = None,
    ) -> None:
        """Read the items in the order of their rows, as a stream.

        `after` is the table whose rows come first; columns that it lacks are empty there. It stays as it is.
        """
        begun = {} if after is None else after.columns
        kinds = {**types, **{name: column.kind for name, column in begun.items()}, **OWN_COLUMNS}
        count = 0 if after is None else len(after)
        builders = {name: _Builder(kind, begun.get(name), count) for name, kind in kinds.items()}
        for item in items:
            values = _values(item)
            for name, builder in builders.items():
                builder.add(count, values.get(name))
            count += 1
        self._count = count
        self.columns: Mapping[str, Column] = {name: builder.column() for name, builder in builders.items()}

    def __len__(self) -> int:
        """Return the number of rows, dead ones included."""
        return self._count


class _Builder:
    """A column that grows, from scratch or from the end of another."""

    def __init__(self, kind: AttributeType, begun: Column | None, count: int) -> None:
        self._kind = kind
        self._is_numeric = kind in NUMERIC
        self._begun = begun
        self._vocabulary: dict[str, int] = dict(begun.vocabulary) if begun else {}
        self._numbers = array("d", [np.nan] * count if self._is_numeric and begun is None else [])
        self._rows, self._codes = array("q"), array("q")

    def add(self, row: int, value: AttributeValue | None) -> None:
        if self._is_numeric:
            if value is not None and not isinstance(value, float):
                raise TypeError(f"{value!r} is no number; expected one in a column of kind {self._kind}")
            self._numbers.append(np.nan if value is None else value)
            return
        for part in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
            self._rows.append(row)
            self._codes.append(self._vocabulary.setdefault(part, len(self._vocabulary)))

    def column(self) -> Column:
        numbers = np.asarray(self._numbers, dtype=np.float64)
        rows, codes = (np.asarray(values, dtype=np.int64) for values in (self._rows, self._codes))
        if self._begun is not None:
            numbers = np.concatenate([self._begun.numbers, numbers])
            rows, codes = np.concatenate([self._begun.rows, rows]), np.concatenate([self._begun.codes, codes])
        return Column(self._kind, numbers, rows, codes, self._vocabulary)


def _values(item: Item | None) -> Mapping[str, Any]:
    if item is None:
        return {}
    own = {"item_id": item.item_id, "categories": item.categories, "created_at": item.created_at}
    return {**item.attributes, **own}
