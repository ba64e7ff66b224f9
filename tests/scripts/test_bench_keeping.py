"""The bench of keeping: it works on a copy, and each round erases somebody else."""

from pathlib import Path

import pytest

from plait.flows.status import status
from plait.recommender import Recommender
from plait.store import Store
from scripts.bench_keeping import main, runs_of
from scripts.interleaved import interleaved


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    items = [{"item_id": f"i{number}", "title": ""} for number in range(6)]
    log = [{"user_id": f"u{n}", "item_id": f"i{n}", "timestamp": str(n), "event": "like"} for n in range(5)]
    Recommender.build(tmp_path / "w", items=items, interactions=log)
    return tmp_path / "w"


def test_each_round_erases_another_user(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    interleaved(runs_of(workspace, tmp_path / "scratch"), 3)
    with Store.open(workspace / "store.db") as store:
        assert store.user_ids() == ["u3", "u4"]
        assert len(store.erasures()) == 3
    assert [status(tmp_path / "scratch" / f"restored-{turn}")["events"] for turn in range(3)] == [5, 5, 5]


def test_the_workspace_stays_as_it_was(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = status(workspace)
    main([str(workspace), "--rounds", "2"])
    assert status(workspace) == before
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in printed] == ["check", "backup", "restore", "erase"]
    assert float(printed[0][-1]) == 1.0
