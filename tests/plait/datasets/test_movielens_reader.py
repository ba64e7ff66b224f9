"""MovieLens in every layout: folder and zip, the same tables; what is no MovieLens is said in one line."""

import csv
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from plait.datasets.dataset import Dataset, write_dataset
from plait.datasets.movielens_reader import read_movielens
from plait.errors import BadData, WrongCall
from plait.flows.build import build
from plait.workspace import Workspace
from tests.plait.datasets.test_movielens_layouts import RAW

DAT = {
    "movies.dat": "1::Toy Story (1995)::Animation|Children's\n2::Misérables, Les (1995)::Drama\n",
    "ratings.dat": "1::2::5::978300760\n2::1::3::978302109\n",
    "users.dat": "1::F::1::10::48067\n2::M::56::16::70072\n",
}
CSV = {
    "movies.csv": "movieId,title,genres\r\n1,Toy Story (1995),Animation|Children\r\n"
    '2,"Misérables, Les (1995)",Drama\r\n3,"Say ""Hi"", Now",(no genres listed)\r\n',
    "ratings.csv": "userId,movieId,rating,timestamp\r\n1,2,3.5,1256677221\r\n2,3,0.5,1256677456\r\n",
    "links.csv": "movieId,imdbId,tmdbId\r\n1,1,1\r\n",
}
LAYOUTS = {"100k": (RAW, "latin-1"), "1M": (DAT, "latin-1"), "20M": (CSV, "utf-8")}


def folder_of(files: Mapping[str, str], encoding: str, folder: Path) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode(encoding))
    return folder


def read(dataset: Dataset) -> dict[str, list[tuple[str, ...]]]:
    return {name: [table.columns, *table.rows()] for name, table in dataset.tables.items()}


def test_one_million(tmp_path: Path) -> None:
    tables = read(read_movielens(folder_of(DAT, "latin-1", tmp_path / "ml-1m")))
    assert tables["items"][1:] == [
        ("1", "Toy Story", "Animation|Children's", "1995"), ("2", "Les Misérables", "Drama", "1995"),
    ]  # fmt: skip
    assert tables["interactions"] == [
        ("user_id", "item_id", "rating", "timestamp"), ("1", "2", "5", "978300760"), ("2", "1", "3", "978302109"),
    ]  # fmt: skip
    assert tables["users"] == [
        ("user_id", "gender", "age", "occupation", "zip_code"),
        ("1", "F", "1", "K-12 student", "48067"), ("2", "M", "56", "self-employed", "70072"),
    ]  # fmt: skip


def test_twenty_million_and_later(tmp_path: Path) -> None:
    tables = read(read_movielens(folder_of(CSV, "utf-8", tmp_path / "ml-32m")))
    assert tables["items"][2:] == [("2", "Les Misérables", "Drama", "1995"), ("3", 'Say "Hi", Now', "", "")]
    assert tables["interactions"][1:] == [("1", "2", "3.5", "1256677221"), ("2", "3", "0.5", "1256677456")]
    assert "users" not in tables


def test_ten_million_has_no_users(tmp_path: Path) -> None:
    files = {name: text for name, text in DAT.items() if name != "users.dat"}
    dataset = read_movielens(folder_of(files, "utf-8", tmp_path / "ml-10m"))
    assert dataset.name == "MovieLens-10M"
    assert read(dataset)["items"][2][1] == "Les Misérables"


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_zip_says_what_the_folder_says_again_and_again(layout: str, tmp_path: Path) -> None:
    files, encoding = LAYOUTS[layout]
    folder = folder_of(files, encoding, tmp_path / "ml")
    with zipfile.ZipFile(tmp_path / "ml.zip", "w") as archive:
        for name in files:
            archive.write(folder / name, f"ml/{name}")
    dataset = read_movielens(tmp_path / "ml.zip")
    assert read(dataset) == read(dataset) == read(read_movielens(folder))


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_what_is_written_can_be_built_from(layout: str, tmp_path: Path) -> None:
    files, encoding = LAYOUTS[layout]
    counts = write_dataset(read_movielens(folder_of(files, encoding, tmp_path / "ml")), tmp_path / "tables")
    assert counts["interactions"] == 2
    with (tmp_path / "tables" / "items.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["item_id"] for row in csv.DictReader(stream)] == (["1", "2", "267"] if layout == "100k" else
                                                                      ["1", "2", "3"][: counts["items"]])  # fmt: skip
    tables = {name: tmp_path / "tables" / f"{name}.csv" for name in counts}
    built = build(
        tmp_path / "workspace", items=tables["items"], interactions=tables["interactions"], users=tables.get("users")
    )
    assert (built.items.added, built.events.accepted) == (counts["items"], 2)
    assert Workspace.open(tmp_path / "workspace").store.attribute_types()["year"] == "number"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"readme.txt": "hello"}, "holds no MovieLens: expected u.item, u.data, u.user"),
        ({**DAT, "ratings.dat": "1::2::5\n"}, "ratings.dat, line 1: 3 cells; expected 4"),
        ({**CSV, "ratings.csv": "userId,movieId,stars\n"}, "ratings.csv: no column rating, timestamp"),
        ({**CSV, "ratings.csv": CSV["ratings.csv"] + "1,2\r\n"}, "ratings.csv, line 4: 2 cells; expected 4"),
    ],
)
def test_what_is_no_movielens(files: Mapping[str, str], said: str, tmp_path: Path) -> None:
    folder = folder_of(files, "latin-1" if "movies.dat" in files else "utf-8", tmp_path / "ml")
    with pytest.raises(BadData, match=said):
        write_dataset(read_movielens(folder), tmp_path / "tables")
    assert not (tmp_path / "tables" / "interactions.csv").exists()


def test_sources_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=r"nothing: expected a folder or a \.zip file"):
        read_movielens(tmp_path / "nothing")
    (tmp_path / "broken.zip").write_bytes(b"PK no zip")
    with pytest.raises(BadData, match=r"broken\.zip cannot be read"):
        read_movielens(tmp_path / "broken.zip")


def test_the_script_says_what_to_type_next(tmp_path: Path) -> None:
    folder = folder_of(DAT, "latin-1", tmp_path / "ml-1m")
    command = [sys.executable, "-m", "scripts.import_movielens", str(folder), str(tmp_path / "tables")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "MovieLens-1M: 2 items, 2 interactions, 2 users"
    assert f"--users {tmp_path / 'tables' / 'users.csv'}" in done.stdout
    shutil.rmtree(folder)
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (refused.returncode, len(refused.stderr.strip().splitlines())) == (2, 1)
