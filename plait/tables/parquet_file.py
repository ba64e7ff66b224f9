"""Parquet files, read batch by batch."""

from collections.abc import Iterator
from pathlib import Path

from plait.errors import BadData
from plait.tables.rows import Row, Rows, checked_columns, row_of

BATCH_ROWS = 1_000


def open_parquet(path: Path) -> Rows:
    """Return the rows of a Parquet file. Raises BadData for any other file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise BadData(f"{path.name}: no Parquet file ({str(error).splitlines()[0]})") from error
    return Rows(path.name, checked_columns(path.name, names), path.resolve().parent, lambda: _read(path))


def _read(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                for record in batch.to_pylist():
                    number += 1
                    yield row_of(f"row {number}", {name.strip(): value for name, value in record.items()})
    except (pa.ArrowException, OSError) as error:
        raise BadData(f"{path.name}, after row {number}: broken ({str(error).splitlines()[0]})") from error
