"""Tables in memory: lists of dicts, and data frames of pandas, polars and pyarrow, known by how they behave."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from plait.errors import BadData
from plait.tables.rows import Row, Rows, checked_columns, row_of

BATCH_ROWS = 1_000


def open_list(rows: Sequence[Any], name: str) -> Rows:
    """Return the rows of a list of dicts; its columns are the keys of all of them. Raises BadData for others."""
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise BadData(f"{name}, row {number}: {type(row).__name__}; expected a dict")
    names = {key: str(key).strip() for key in dict.fromkeys(chain.from_iterable(rows))}
    columns = dict.fromkeys(str(key) for key in names)
    as_they_are = all(key == name for key, name in names.items())

    def read() -> Iterator[Row]:
        for number, row in enumerate(rows, start=1):
            yield row_of(f"row {number}", row if as_they_are else {names[key]: value for key, value in row.items()})

    return Rows(name, checked_columns(name, tuple(columns)), Path.cwd(), read)


def open_frame(frame: Any, name: str) -> Rows | None:
    """Return the rows of a data frame, None for anything else."""
    if not hasattr(frame, "columns"):
        return None
    if hasattr(frame, "iter_rows"):
        return _rows(name, frame.columns, lambda: frame.iter_rows())
    if hasattr(frame, "to_batches"):
        return _rows(name, frame.column_names, lambda: _arrow(frame))
    if hasattr(frame, "iloc"):
        return _rows(name, frame.columns, lambda: _pandas(frame))
    return None


def _rows(name: str, names: Iterable[object], records: Callable[[], Iterable[Sequence[object]]]) -> Rows:
    columns = checked_columns(name, [str(column) for column in names])
    return Rows(name, columns, Path.cwd(), lambda: _read(columns, records()))


def _read(columns: tuple[str, ...], records: Iterable[Sequence[object]]) -> Iterator[Row]:
    for number, values in enumerate(records, start=1):
        yield row_of(f"row {number}", dict(zip(columns, values, strict=True)))


def _arrow(frame: Any) -> Iterator[Sequence[object]]:
    for batch in frame.to_batches(max_chunksize=BATCH_ROWS):
        yield from (list(record.values()) for record in batch.to_pylist())


def _pandas(frame: Any) -> Iterator[Sequence[object]]:
    for start in range(0, len(frame), BATCH_ROWS):
        batch = frame.iloc[start : start + BATCH_ROWS]
        # As objects integers stay integers; NaN, NaT and NA are one: missing.
        yield from batch.astype(object).where(batch.notna(), None).itertuples(index=False, name=None)
