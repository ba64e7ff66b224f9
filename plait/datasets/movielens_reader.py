"""Reader of MovieLens as GroupLens publishes it: 100k (u.data), 1M and 10M (.dat), 20M, 25M, 32M and latest (.csv).

The data is for research only and may not be passed on (GroupLens).
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from plait.datasets.dataset import Dataset, DatasetTable, Row
from plait.datasets.dataset_source import DatasetSource
from plait.datasets.movielens_layouts import HEADERS, RAW_ENCODING, RAW_FILES, read_raw, split_title
from plait.errors import BadData

NO_GENRES = "(no genres listed)"
OCCUPATIONS = (
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student", "customer service",
    "doctor/health care", "executive/managerial", "farmer", "homemaker", "K-12 student", "lawyer", "programmer",
    "retired", "sales/marketing", "scientist", "self-employed", "technician/engineer", "tradesman/craftsman",
    "unemployed", "writer",
)  # fmt: skip
"""What the numbers in users.dat stand for, by its README."""
DAT_USERS = ("user_id", "gender", "age", "occupation", "zip_code")


def read_movielens(path: Path) -> Dataset:
    """Return MovieLens in a folder or a zip, whichever layout it has; only MovieLens-100k is held in memory.

    Items have title, categories and year; interactions are ratings; users are known in 100k and 1M. Raises WrongCall
    for a path that is neither, BadData for files of no known layout, and while reading for a line that is none.
    """
    source = DatasetSource(path)
    if all(name in source for name in RAW_FILES):
        return _read_100k(source)
    if "ratings.dat" in source and "movies.dat" in source:
        return _read_dat(source)
    if "ratings.csv" in source and "movies.csv" in source:
        return _read_csv(source)
    raise BadData(
        f"{path} holds no MovieLens: expected {', '.join(RAW_FILES)}, or ratings and movies as .dat or .csv files"
    )


def _read_100k(source: DatasetSource) -> Dataset:
    return read_raw({name: source.text(name, encoding=RAW_ENCODING) for name in RAW_FILES}).dataset()


def _read_dat(source: DatasetSource) -> Dataset:
    """Return 1M, which has users, or 10M, which has not; cells stand between `::`."""
    encoding = RAW_ENCODING if "users.dat" in source else "utf-8"

    def lines(name: str, width: int) -> Iterator[Row]:
        with source.opened(name, encoding=encoding) as stream:
            for number, line in enumerate(stream, start=1):
                cells = tuple(line.rstrip("\r\n").split("::"))
                if len(cells) != width:
                    raise BadData(f"{source.path}, {name}, line {number}: {len(cells)} cells; expected {width}")
                yield cells

    def users() -> Iterator[Row]:
        for *known, occupation, zip_code in lines("users.dat", 5):
            named = OCCUPATIONS[int(occupation)] if occupation.isdigit() and int(occupation) < 21 else occupation
            yield (*known, named, zip_code)

    tables = {
        "items": DatasetTable(HEADERS["items"], lambda: map(_movie, lines("movies.dat", 3))),
        "interactions": DatasetTable(HEADERS["interactions"], lambda: lines("ratings.dat", 4)),
    }
    if "users.dat" in source:
        return Dataset("MovieLens-1M", tables | {"users": DatasetTable(DAT_USERS, users)})
    return Dataset("MovieLens-10M", tables)


def _read_csv(source: DatasetSource) -> Dataset:
    """Return 20M or later: CSV with a header, UTF-8, no users."""

    def columns(name: str, wanted: Row) -> Iterator[Row]:
        with source.opened(name, encoding="utf-8") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            absent = [column for column in wanted if column not in header]
            if absent:
                raise BadData(f"{source.path}, {name}: no column {', '.join(absent)}; expected {', '.join(wanted)}")
            places = [header.index(column) for column in wanted]
            for row in rows:
                if len(row) != len(header):
                    raise BadData(
                        f"{source.path}, {name}, line {rows.line_num}: {len(row)} cells; expected {len(header)}"
                    )
                yield tuple(row[place] for place in places)

    movies, ratings = ("movieId", "title", "genres"), ("userId", "movieId", "rating", "timestamp")
    return Dataset(
        "MovieLens-20M or later",
        {
            "items": DatasetTable(HEADERS["items"], lambda: map(_movie, columns("movies.csv", movies))),
            "interactions": DatasetTable(HEADERS["interactions"], lambda: columns("ratings.csv", ratings)),
        },
    )


def _movie(cells: Row) -> Row:
    item_id, title, genres = cells
    name, year = split_title(title)
    return item_id, name or item_id, "" if genres == NO_GENRES else genres, year
