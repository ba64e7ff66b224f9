"""Workspaces for real processes, and a browser before one of them."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from plait.datasets.studio import write_studio
from scripts.served import served
from tests.copying import copied
from tests.plait import toy
from tests.system import disks
from tests.system.browser import chromium, launched
from tests.system.commands import answer_of
from tests.system.reader import Reader, reader_of


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the toy catalogue's files and a trained workspace made by real commands."""
    folder = tmp_path_factory.mktemp("system")
    items = toy.write_table(folder / "items.csv", toy.items())
    interactions = toy.write_table(folder / "interactions.csv", toy.interactions())
    answer_of("build", folder / "workspace", "--items", items, "--interactions", interactions)
    answer_of("train", folder / "workspace", "--budget", "1m")
    return folder


@pytest.fixture
def workspace(toy_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the trained workspace, to write to."""
    return copied(toy_folder / "workspace", tmp_path / "workspace")


@pytest.fixture
def reader(workspace: Path, tmp_path: Path) -> Iterator[Reader]:
    """Return a process that keeps the copy open."""
    with reader_of(workspace, tmp_path) as one:
        yield one


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a small disk."""
    place = tmp_path / "disk"
    place.mkdir()
    disks.mounted(place, "-t", "tmpfs", "-o", f"size={disks.SIZE}", "none")
    yield place
    disks.unmount(place)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small studio catalogue in `files` and a trained `workspace`. Read only."""
    chromium()
    folder = tmp_path_factory.mktemp("studio")
    write_studio(folder / "files", seed=7, items=120, listeners=100)
    tables = [(f"--{name}", folder / "files" / f"{name}.csv") for name in ("items", "interactions", "users")]
    answer_of("build", folder / "workspace", *(part for pair in tables for part in pair))
    answer_of("train", folder / "workspace", "--budget", "40s")
    return folder


@pytest.fixture(scope="module")
def shown(studio: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the studio's workspace, which `address` serves."""
    return copied(studio / "workspace", tmp_path_factory.mktemp("shown") / "workspace")


@pytest.fixture(scope="module")
def address(shown: Path) -> Iterator[str]:
    """Serve the studio catalogue; give the address."""
    with served(shown) as (_, found):
        yield found


# Not for a session: while it is there no test may run a loop of asyncio.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Begin Chromium."""
    with launched() as found:
        yield found


@pytest.fixture(scope="session")
def rows(studio: Path) -> dict[str, dict[str, str]]:
    """Return the rows of the studio's items.csv by item id."""
    with (studio / "files" / "items.csv").open(encoding="utf-8") as stream:
        return {row["item_id"]: row for row in csv.DictReader(stream)}
