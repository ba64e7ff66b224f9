"""An evaluation killed by SIGKILL goes on where it stopped, and comes to the numbers of one that was never killed."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.system.commands import answer_of, start_plait

pytestmark = pytest.mark.system

CALL = ("--protocol", "last-liked", "--seeds", "3", "--models", "plait:2,popularity,item-knn", "--cuts", "5,10")
RUNS = 2 + 3 + 3
"""Runs that are made, beside one choice of settings a model."""
SAME = ("protocol", "seeds", "users", "models", "buckets", "differences", "splits")
DEADLINE = 120.0


def _kept(folder: Path) -> dict[str, int]:
    runs = folder / "runs"
    if not runs.is_dir():
        return {}
    return {path.name: path.stat().st_mtime_ns for path in runs.iterdir() if path.suffix in (".safetensors", ".json")}


def _killed_with(count: int, workspace: Path, folder: Path) -> dict[str, int]:
    """Start an evaluation, kill it once `count` files are kept, and return what was kept."""
    process = start_plait("evaluate", workspace, *CALL, "--report", folder)
    began = time.monotonic()
    while len(_kept(folder)) < count and process.poll() is None:
        assert time.monotonic() - began < DEADLINE
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return _kept(folder)


@pytest.mark.parametrize("count", [1, 4, 5])
def test_a_killed_evaluation_goes_on(count: int, workspace: Path, tmp_path: Path) -> None:
    whole: dict[str, Any] = answer_of("evaluate", workspace, *CALL)
    kept = _killed_with(count, workspace, tmp_path)
    assert count <= len(kept) < RUNS + 3
    assert not (tmp_path / "results.json").exists()
    again: dict[str, Any] = answer_of("evaluate", workspace, *CALL, "--report", tmp_path)
    assert {name: again[name] for name in SAME} == {name: whole[name] for name in SAME}
    after = _kept(tmp_path)
    assert {name: after[name] for name in kept} == kept
    assert len(after) == RUNS + 3
    assert json.loads((tmp_path / "results.json").read_text()) == again
    third: dict[str, Any] = answer_of("evaluate", workspace, *CALL, "--report", tmp_path)
    assert third == again
