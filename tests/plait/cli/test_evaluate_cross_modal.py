"""The command evaluate on a catalogue: runs that go on after a kill, folds out of a column, and leaks."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plait.cli import run
from tests.plait import toy
from tests.plait.conftest import Cli


def _answer(cli: Cli, workspace: Path, *arguments: object) -> Any:
    outcome = cli("evaluate", workspace, *arguments, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


@pytest.fixture(scope="module")
def with_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace whose texts and pictures are vectors of its own, turned copies of each other."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    pictures = toy.vectors() @ rng.normal(size=(8, 12)).astype(np.float32)
    np.save(folder / "text.npy", toy.vectors())
    np.save(folder / "image.npy", pictures / np.linalg.norm(pictures, axis=1, keepdims=True))
    files = ["--items", toy.write_table(folder / "items.csv", toy.items())]
    vectors = [f"{strand}={folder / strand}.npy" for strand in ("text", "image")]
    own = ["--vectors", vectors[0], "--vectors", vectors[1]]
    assert run(["build", str(folder / "workspace"), *map(str, files), *own, "--json"]) == 0
    return folder / "workspace"


def test_a_killed_cross_modal_run_goes_on(cli: Cli, with_pictures: Path, tmp_path: Path) -> None:
    call = ("--protocol", "cross-modal", "--seeds", 2, "--cuts", "3", "--report", tmp_path)
    first = _answer(cli, with_pictures, *call, "--seed", 4)
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()}
    assert len(kept) == 2
    assert _answer(cli, with_pictures, *call, "--seed", 4) == first
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()} == kept
    assert first["about"]["command"].endswith("--seeds 2 --seed 4 --cuts 3 --pair text:image")
    _answer(cli, with_pictures, *call, "--seed", 5)
    assert len(list((tmp_path / "runs").iterdir())) == 3


def test_hidden_by_a_column_no_seeds_are_read(cli: Cli, with_pictures: Path) -> None:
    call = ("--protocol", "cross-modal", "--hide-by", "year", "--cuts", "3")
    outcome = cli("evaluate", with_pictures, *call, "--seeds", 2, "--json")
    assert "--hide-by says what is hidden, once each: --seeds is not read" in outcome.err
    assert json.loads(outcome.out)["seeds"] == 6
    assert "--seeds" not in json.loads(outcome.out)["about"]["command"]


def test_leaks_of_cross_modal_are_looked_for(cli: Cli, with_pictures: Path, tmp_path: Path) -> None:
    call = ("--protocol", "cross-modal", "--check-leaks", "--cuts", "3", "--seeds", 2, "--report", tmp_path)
    outcome = cli("evaluate", with_pictures, *call)
    lines = outcome.out.splitlines()
    assert outcome.code == 0, outcome.out
    for name in ("shuffled rows", "hashed ids", "hashed ties", "all of these"):
        for metric in ("ndcg@3", "whole/ndcg@3"):
            assert any(line.startswith(f"ok   {name}: plait {metric} ") for line in lines), (name, metric)
    # Plain, other salts, and four disguises, two folds each.
    assert len(list((tmp_path / "runs").iterdir())) == 12
