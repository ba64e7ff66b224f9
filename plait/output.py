"""Rankings written to a file: Parquet, CSV or JSONL by its ending, one row a ranked item."""

import csv
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from plait.errors import WrongCall
from plait.ranking import Ranking

Key = Literal["query_id", "user_id"]
Row = tuple[str, int, str, float]

ENDINGS = (".parquet", ".csv", ".jsonl")


def write_rankings(path: Path, rankings: Iterable[Ranking], *, key: Key) -> int:
    """Write rows `key, rank, item_id, score` in the order given and return how many there were.

    The file appears whole or not at all. Raises WrongCall for another ending or a folder that is not there.
    """
    writers = {".parquet": _write_parquet, ".csv": _write_csv, ".jsonl": _write_jsonl}
    check_output(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        count = writers[path.suffix](unfinished, rankings, key)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def check_output(path: Path) -> None:
    """Raise WrongCall for a path that no answer can be written to: another ending, a folder that is not there."""
    if path.suffix not in ENDINGS:
        raise WrongCall(f"--output {path.name}: expected a name ending in {', '.join(ENDINGS)}")
    if not path.parent.is_dir():
        raise WrongCall(f"--output {path}: {path.parent} is not a folder")
    if path.is_dir():
        raise WrongCall(f"--output {path}: is a folder; expected a file")


def _rows(rankings: Iterable[Ranking], key: Key) -> Iterator[Row]:
    for ranking in rankings:
        name = ranking.user_id if key == "user_id" else ranking.query_id
        for item in ranking.items:
            yield name, item.rank, item.item_id, item.score


def _write_csv(path: Path, rankings: Iterable[Ranking], key: Key) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow((key, "rank", "item_id", "score"))
        for row in _rows(rankings, key):
            writer.writerow(row)
            count += 1
    return count


def _write_jsonl(path: Path, rankings: Iterable[Ranking], key: Key) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        for row in _rows(rankings, key):
            stream.write(json.dumps(dict(zip((key, "rank", "item_id", "score"), row, strict=True))) + "\n")
            count += 1
    return count


def _write_parquet(path: Path, rankings: Iterable[Ranking], key: Key) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(key, pa.string()), ("rank", pa.int64()), ("item_id", pa.string()), ("score", pa.float64())])
    count = 0
    with pq.ParquetWriter(path, schema) as writer:
        for ranking in rankings:
            rows = list(_rows([ranking], key))
            columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
            writer.write_table(
                pa.table([pa.array(c, t) for c, t in zip(columns, schema.types, strict=True)], schema=schema)
            )
            count += len(rows)
    return count
