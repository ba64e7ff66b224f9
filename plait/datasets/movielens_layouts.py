"""Layouts in which MovieLens-100k is passed on, read into the tables Plait builds from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from plait.datasets.dataset import Dataset, DatasetTable, Row
from plait.errors import BadData

GENRES = ("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
          "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War",
          "Western")  # fmt: skip
"""The order of the flags of u.item."""
RAW_FILES = ("u.item", "u.data", "u.user")
RAW_ENCODING = "latin-1"
ATOMIC_ENDS = (".item", ".inter", ".user")
YEAR = re.compile(r"\s*\((\d{4})\)(?:\s*\(V\))?\s*$")
"""The year that ends a title; (V) marks a film that came out on video."""
ARTICLE = re.compile(
    r"(?P<before>^|\()(?P<name>[^()]+), (?P<article>The|An?|L[aeo]s?|Les|L'|Un|Une|Il|El|Det|Das|Der|Die|O)(?=$|\)| \()"
)


@dataclass(frozen=True, slots=True)
class MovieTables:
    """Rows of the three tables, without headers; all cells are text.

    `items`: item_id, title, categories (`|` between them), year ("" where unknown). `interactions`: user_id, item_id,
    rating, timestamp. `users`: user_id, age, gender, occupation, zip_code.
    """

    items: Sequence[Row]
    interactions: Sequence[Row]
    users: Sequence[Row]

    def dataset(self) -> Dataset:
        """Return the tables as every reader does."""
        rows = self.by_name()
        return Dataset("MovieLens-100k", {n: DatasetTable(HEADERS[n], partial(iter, rows[n])) for n in rows})

    def by_name(self) -> dict[str, Sequence[Row]]:
        """Return the tables under the names of their files."""
        return {"items": self.items, "interactions": self.interactions, "users": self.users}


HEADERS: Mapping[str, Row] = {
    "items": ("item_id", "title", "categories", "year"),
    "interactions": ("user_id", "item_id", "rating", "timestamp"),
    "users": ("user_id", "age", "gender", "occupation", "zip_code"),
}


def read_raw(texts: Mapping[str, str]) -> MovieTables:
    """Read GroupLens's own layout: the texts of u.item, u.data and u.user. Raises BadData for a short line."""
    items = []
    for cells in _cells("u.item", texts["u.item"], "|", 5 + len(GENRES)):
        name, year = split_title(cells[1])
        genres = [genre for genre, flag in zip(GENRES, cells[5:], strict=False) if flag == "1"]
        items.append((cells[0], name or cells[0], "|".join(genres), year))
    return MovieTables(
        items,
        [cells[:4] for cells in _cells("u.data", texts["u.data"], "\t", 4)],
        [cells[:5] for cells in _cells("u.user", texts["u.user"], "|", 5)],
    )


def read_atomic(texts: Mapping[str, str]) -> MovieTables:
    """Read recbole's layout: the texts of .item, .inter and .user, headers `name:type`. Raises BadData for others."""
    items = []
    wanted = ("item_id", "movie_title", "release_year", "class")
    for item_id, title, released, genres in _columns(".item", texts[".item"], wanted):
        name, year = split_title(title)
        items.append((item_id, name or item_id, "|".join(genres.split()), released if released.isdigit() else year))
    return MovieTables(
        items,
        _columns(".inter", texts[".inter"], HEADERS["interactions"]),
        _columns(".user", texts[".user"], HEADERS["users"]),
    )


def split_title(title: str) -> tuple[str, str]:
    """Return the name with its article in front, and the year or "": "Matrix, The (1999)" is "The Matrix", "1999"."""
    found = YEAR.search(title)
    name = YEAR.sub("", title).strip()
    return ARTICLE.sub(_article_first, name), found[1] if found else ""


def _article_first(found: re.Match[str]) -> str:
    between = "" if found["article"].endswith("'") else " "
    return f"{found['before']}{found['article']}{between}{found['name']}"


def _cells(name: str, text: str, mark: str, least: int) -> list[Row]:
    rows = [tuple(line.rstrip("\r").split(mark)) for line in text.split("\n") if line.strip()]
    for number, row in enumerate(rows, start=1):
        if len(row) < least:
            raise BadData(f"{name}, line {number}: {len(row)} cells; expected at least {least}")
    return rows


def _columns(name: str, text: str, wanted: Sequence[str]) -> list[Row]:
    """Return the wanted columns, in that order, of a tab-separated text with a typed header."""
    header, *_ = _cells(name, text, "\t", 1) or [()]
    columns = [cell.partition(":")[0] for cell in header]
    absent = [column for column in wanted if column not in columns]
    if absent:
        raise BadData(f"{name}: no column {', '.join(absent)}; expected {', '.join(wanted)}")
    places = [columns.index(column) for column in wanted]
    return [tuple(row[place] for place in places) for row in _cells(name, text, "\t", len(columns))[1:]]
