"""Workspaces for the tests, built and trained once a session, copied for each test that writes."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from plait.cli import run
from tests.copying import copied
from tests.plait import toy


@dataclass(frozen=True)
class Outcome:
    """What a command line left behind."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process: `cli("search", workspace, "words")`."""

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def toy_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with items.csv, interactions.csv and vectors.npy of the toy catalogue."""
    folder = tmp_path_factory.mktemp("toy")
    toy.write_table(folder / "items.csv", toy.items())
    toy.write_table(folder / "interactions.csv", toy.interactions())
    np.save(folder / "vectors.npy", toy.vectors())
    return folder


def _read_only(workspace: Path) -> Iterator[Path]:
    """Give tests a workspace that they share; a file more at the end would make them depend on their order."""
    # Stores that were dropped are closed, which writes their logs into their files: not in the middle of a test.
    gc.collect()
    before = _files(workspace)
    yield workspace
    assert _files(workspace) == before, "a test wrote to a workspace that others share"


def _files(workspace: Path) -> set[str]:
    return {
        str(path.relative_to(workspace)) for path in workspace.rglob("*") if not path.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture(scope="session")
def built_once(toy_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a workspace of the toy catalogue, built, not trained. Read only."""
    workspace = tmp_path_factory.mktemp("built") / "workspace"
    files = ["--items", toy_files / "items.csv", "--interactions", toy_files / "interactions.csv"]
    assert run(["build", str(workspace), *map(str, files), "--json"]) == 0
    yield from _read_only(workspace)


@pytest.fixture(scope="session")
def trained_once(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the same workspace, trained. Read only."""
    workspace = tmp_path_factory.mktemp("trained") / "workspace"
    copied(built_once, workspace)
    assert run(["train", str(workspace), "--budget", "1m"]) == 0
    yield from _read_only(workspace)


@pytest.fixture
def built(built_once: Path, tmp_path: Path) -> Path:
    """Return a copy of the built workspace, to write to."""
    return copied(built_once, tmp_path / "workspace")


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """Return a copy of the trained workspace, to write to."""
    return copied(trained_once, tmp_path / "workspace")


@pytest.fixture(scope="session")
def own_once(toy_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a trained workspace whose texts have the toy's own vectors: no encoder is loaded. Read only."""
    workspace = tmp_path_factory.mktemp("own") / "workspace"
    files = ["--items", toy_files / "items.csv", "--interactions", toy_files / "interactions.csv"]
    own = ["--vectors", f"text={toy_files / 'vectors.npy'}"]
    assert run(["build", str(workspace), *map(str, files), *own, "--json"]) == 0
    assert run(["train", str(workspace), "--budget", "1m"]) == 0
    yield from _read_only(workspace)


@pytest.fixture
def own(own_once: Path, tmp_path: Path) -> Path:
    """Return a copy of the workspace with own vectors, to write to."""
    return copied(own_once, tmp_path / "workspace")
