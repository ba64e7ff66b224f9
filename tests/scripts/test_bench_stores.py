"""The bench of stores: both answer alike, each is timed as often, and the workspace stays as it was."""

from pathlib import Path

import pytest

from plait.flows.status import status
from plait.recommender import Recommender
from scripts.bench_stores import NAMES, both, main, runs_of, timed
from tests.postgresql_server import Server, text_of

pytestmark = pytest.mark.system


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    items = [{"item_id": f"i{number}", "title": ""} for number in range(6)]
    log = [{"user_id": f"u{n}", "item_id": f"i{n}", "timestamp": str(n), "event": "like"} for n in range(5)]
    Recommender.build(tmp_path / "w", items=items, interactions=log)
    return tmp_path / "w"


def test_both_record_and_answer_the_same(workspace: Path, postgresql: Server, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    opened = both(workspace, tmp_path / "scratch", text_of(postgresql.url()))
    found = timed({name: runs_of(recommender) for name, recommender in opened.items()}, 3)
    assert {len(times) for by_name in found.values() for times in by_name.values()} == {3}
    counts = [opened[name].workspace.store.counts() for name in NAMES]
    assert counts[0] == counts[1]
    assert counts[0]["events"] == 5 + 4 * 100
    answers = [opened[name].recommend("u1").to_json() for name in NAMES]
    assert answers[0] == answers[1]
    for recommender in opened.values():
        recommender.workspace.store.close()


def test_the_workspace_stays_as_it_was(workspace: Path, postgresql: Server, capsys: pytest.CaptureFixture[str]) -> None:
    before = status(workspace)
    main([str(workspace), text_of(postgresql.url()), "--rounds", "2"])
    assert status(workspace) == before
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "record 100 events", "sequence", "refresh after them", "refresh, nothing new", "recommend"
    ]  # fmt: skip
    assert all(float(line.rsplit(" ", 1)[1]) > 0 for line in lines)
