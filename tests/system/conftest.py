"""A toy workspace for real processes."""

import shutil
from pathlib import Path

import pytest

from tests.plait import toy
from tests.system.commands import answer_of


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
    return Path(shutil.copytree(toy_folder / "workspace", tmp_path / "workspace"))
