"""Item values: what some rows have in a column, as numbers that are equal where the values are."""

import numpy as np

from index.vector_index import Rows
from plait.errors import WrongCall
from plait.item_table import NUMERIC, Column, ItemTable


def column_of(table: ItemTable, name: str) -> Column:
    """Return a column by its name. Raises WrongCall for one that the catalogue does not have."""
    column = table.columns.get(name)
    if column is None:
        raise WrongCall(f"no attribute {name}; known are {', '.join(sorted(table.columns))}")
    return column


def values_of(column: Column, rows: Rows) -> tuple[Rows, Rows]:
    """Return offsets (n + 1,) and values: row i of n has `values[offsets[i]:offsets[i + 1]]`, none for -1.

    Values are codes of the column's vocabulary; of numbers and dates, places among those of these rows.
    """
    if column.kind in NUMERIC:
        numbers = (
            np.where(rows >= 0, column.numbers[rows], np.nan) if len(column.numbers) else np.full(len(rows), np.nan)
        )
        known = ~np.isnan(numbers)
        return np.concatenate([[0], np.cumsum(known)]), np.unique(numbers[known], return_inverse=True)[1].ravel()
    starts = np.searchsorted(column.rows, rows)
    counts = np.where(rows >= 0, np.searchsorted(column.rows, rows, side="right") - starts, 0)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    entries = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], counts)
    return offsets, column.codes[entries]
