"""`plait demo --serve`: what is shown first is served afterwards, and nothing is without being asked."""

from pathlib import Path
from typing import Any

import pytest

import plait.demo
import plait.service.running
from plait.cli.main import run


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what was done, in order, by a demo and a service that do nothing."""
    found: list[Any] = []
    monkeypatch.setattr(plait.demo, "run_demo", lambda dataset, folder, seed: found.append(dataset))
    monkeypatch.setattr(plait.service.running, "run", lambda folder, port, **_: found.append((folder, port)))
    return found


@pytest.mark.parametrize(("dataset", "served"), [("studio", "studio"), ("both", "studio"), ("movies", "movies")])
def test_the_workspace_of_the_demo_is_served(tmp_path: Path, done: list[Any], dataset: str, served: str) -> None:
    assert run(["demo", "--dataset", dataset, "--workspace", str(tmp_path), "--serve", "--port", "81"]) == 0
    assert done == [dataset, (tmp_path / served, 81)]


def test_nothing_is_served_unasked(tmp_path: Path, done: list[Any]) -> None:
    assert run(["demo", "--dataset", "studio", "--workspace", str(tmp_path)]) == 0
    assert done == ["studio"]
