"""Features: attributes of items as numbers, one input of the content -> CF map."""

import json
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plait.item_table import NUMERIC, Column, ItemTable

LEAST_ITEMS = 2
"""A value that fewer items have tells nothing about others."""
MOST_VALUES, LEAST_VALUES = 2_000, 400
"""Values kept of one column, the most frequent first: fewer the larger the catalogue, for the features are dense."""
CELLS = 40_000_000
"""Of one column's values and items, above which fewer than MOST_VALUES are kept."""
ATTRIBUTES = frozenset({"item_id", "created_at"})
"""Columns that are no attributes: an id tells nothing, and the time of an item is its age elsewhere."""
FARTHEST = 10.0
"""Deviations from the mean beyond which a number is as far as it gets."""
COMMA = ", "


@dataclass(frozen=True, slots=True)
class AttributeFeatures:
    """How columns become features.

    `numbers` are (column, mean, deviation), `values` are (column, value); each of `columns` adds a flag for
    "missing". `lists` are columns whose texts are lists with commas, such as the names of a cast: each name counts.
    """

    numbers: tuple[tuple[str, float, float], ...]
    values: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    lists: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of features."""
        return len(self.numbers) + len(self.values) + len(self.columns)

    @property
    def groups(self) -> tuple[str, ...]:
        """The column that each feature is of, "" for the flags."""
        return (*(name for name, _, _ in self.numbers), *(name for name, _ in self.values), *("" for _ in self.columns))

    def transform(self, table: ItemTable) -> NDArray[np.float32]:
        """Return (rows, features); several values share a row's weight, so that long lists do not shout.

        Columns and values that `fit_features` did not see are passed over; a column the table lacks is missing.
        """
        matrix = np.zeros((len(table), self.count), dtype=np.float32)
        for place, (name, mean, deviation) in enumerate(self.numbers):
            if name in table.columns:
                scaled = (table.columns[name].numbers - mean) / deviation
                matrix[:, place] = np.nan_to_num(scaled.clip(-FARTHEST, FARTHEST))
        places: dict[str, dict[str, int]] = {}
        for place, (name, value) in enumerate(self.values, start=len(self.numbers)):
            places.setdefault(name, {})[value] = place
        for name, where in places.items():
            if name in table.columns:
                column = table.columns[name]
                _spread(matrix, _parts(column) if name in self.lists else column, where)
        for place, name in enumerate(self.columns, start=len(self.numbers) + len(self.values)):
            matrix[:, place] = 1.0
            if name in table.columns:
                matrix[_present_rows(table.columns[name]), place] = 0.0
        return matrix

    def to_json(self) -> str:
        """Return the features as text that `from_json` reads."""
        return json.dumps([self.numbers, self.values, self.columns, self.lists])

    @classmethod
    def from_json(cls, text: str) -> "AttributeFeatures":
        """Return the features that `to_json` wrote."""
        numbers, values, columns, lists = json.loads(text)
        return cls(
            tuple((n, m, d) for n, m, d in numbers), tuple((n, v) for n, v in values), tuple(columns), tuple(lists)
        )


def fit_features(table: ItemTable) -> AttributeFeatures:
    """Learn which numbers and values the columns of a catalogue have."""
    numbers, values, lists = [], [], []
    names = sorted(set(table.columns) - ATTRIBUTES)
    for name in names:
        column = table.columns[name]
        if column.kind in NUMERIC:
            known = column.numbers[~np.isnan(column.numbers)]
            if len(known):
                numbers.append((name, float(known.mean()), float(known.std()) or 1.0))
            continue
        if _holds_lists(column):
            lists.append(name)
            column = _parts(column)
        values += [(name, word) for word in _frequent(column, len(table))]
    return AttributeFeatures(tuple(numbers), tuple(values), tuple(names), tuple(lists))


def _frequent(column: Column, row_count: int) -> list[str]:
    most = min(max(CELLS // max(row_count, 1), LEAST_VALUES), MOST_VALUES)
    counts = np.bincount(column.codes, minlength=len(column.vocabulary)).tolist()
    words = sorted(column.vocabulary, key=lambda word: (-counts[column.vocabulary[word]], word))
    return [word for word in words[:most] if counts[column.vocabulary[word]] >= LEAST_ITEMS]


def _holds_lists(column: Column) -> bool:
    listed = np.asarray([COMMA in word for word in column.vocabulary], dtype=np.bool_)
    return len(column.codes) > 0 and bool(listed[column.codes].mean() > 0.5)


def _parts(column: Column) -> Column:
    """Return the column with each text taken apart at its commas."""
    vocabulary: dict[str, int] = {}
    parts = [
        [vocabulary.setdefault(part, len(vocabulary)) for part in dict.fromkeys(word.split(COMMA))]
        for word in column.vocabulary
    ]
    rows = [row for row, code in zip(column.rows.tolist(), column.codes.tolist(), strict=True) for _ in parts[code]]
    codes = [part for code in column.codes.tolist() for part in parts[code]]
    return replace(
        column, rows=np.asarray(rows, dtype=np.int64), codes=np.asarray(codes, dtype=np.int64), vocabulary=vocabulary
    )


def _spread(matrix: NDArray[np.float32], column: Column, where: dict[str, int]) -> None:
    places = np.full(len(column.vocabulary), -1, dtype=np.int64)
    for word, code in column.vocabulary.items():
        places[code] = where.get(word, -1)
    share = 1.0 / np.sqrt(np.maximum(np.bincount(column.rows, minlength=len(matrix)), 1))
    target = places[column.codes]
    kept = target >= 0
    matrix[column.rows[kept], target[kept]] = share[column.rows[kept]]


def _present_rows(column: Column) -> NDArray[np.int64]:
    if column.kind in NUMERIC:
        return np.flatnonzero(~np.isnan(column.numbers))
    return np.unique(column.rows)
