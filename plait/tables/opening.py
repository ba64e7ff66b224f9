"""Opening a table, whatever it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plait.errors import BadData, WrongCall
from plait.tables.csv_file import open_csv
from plait.tables.jsonl_file import open_jsonl
from plait.tables.memory import open_frame, open_list
from plait.tables.parquet_file import open_parquet
from plait.tables.rows import Rows

Table = Any
"""A path, a list of dicts, or a data frame of pandas, polars or pyarrow."""

OPENERS = {".csv": open_csv, ".parquet": open_parquet, ".jsonl": open_jsonl, ".ndjson": open_jsonl}


def open_table(table: Table, name: str) -> Rows:
    """Return the rows of a table; `name` stands in the errors of one that is in memory.

    A file is read by its suffix (.csv, .parquet, .jsonl, .ndjson), and by its content where it has another one.
    Raises WrongCall for a missing file or a value of another kind, BadData for a file that is no table.
    """
    if isinstance(table, str | Path):
        return _open_file(Path(table))
    frame = open_frame(table, name)
    if frame is not None:
        return frame
    if isinstance(table, Sequence) and not isinstance(table, bytes):
        return open_list(table, name)
    raise WrongCall(f"{name} is {type(table).__name__}; expected a path, a list of dicts or a data frame")


def _open_file(path: Path) -> Rows:
    if not path.is_file():
        raise WrongCall(f"{path} is not a file")
    try:
        return (OPENERS.get(path.suffix.lower()) or _opener_by_content(path))(path)
    except PermissionError as error:
        raise WrongCall(f"{path} may not be read") from error


def _opener_by_content(path: Path) -> Any:
    with path.open("rb") as stream:
        start = stream.read(256)
    if start.startswith(b"PAR1"):
        return open_parquet
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        raise BadData(f"{path.name}: a JSON array; expected one JSON object a line")
    return open_jsonl if text.startswith(b"{") else open_csv
