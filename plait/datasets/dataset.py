"""Dataset: what every reader of a public data set returns, and how it becomes the tables that Plait builds from."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Row = tuple[str, ...]
NAMES = ("items", "interactions", "users")


@dataclass(frozen=True, slots=True)
class DatasetTable:
    """Rows of text cells under `columns`, which are those of design's contracts for files.

    `rows` reads from the start each time, as a stream: a table may be larger than the memory.
    """

    columns: Row
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set by its `name`; `tables` are some of NAMES. A reader is a function that returns one of these."""

    name: str
    tables: Mapping[str, DatasetTable]


def write_dataset(dataset: Dataset, folder: Path) -> dict[str, int]:
    """Write a CSV file a table into `folder`, made where absent, and return how many rows each has.

    A file appears whole or not at all; one that is there is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    for name, table in dataset.tables.items():
        begun = folder / f"{name}.csv.part"
        with begun.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(table.columns)
            counts[name] = 0
            for row in table.rows():
                writer.writerow(row)
                counts[name] += 1
        begun.replace(folder / f"{name}.csv")
    return counts
