"""What one process records, adds or removes is in the very next answer of another that was open before."""

from pathlib import Path
from typing import Any

import pytest

from tests.plait import toy
from tests.system.commands import answer_of
from tests.system.reader import Reader

pytestmark = pytest.mark.system


def ids(reader: Reader, name: str, *arguments: str) -> list[str]:
    """Return the item ids of one ranking."""
    answer: dict[str, Any] = reader.ask(name, *arguments, limit=30)
    return [item["item_id"] for item in answer["items"]]


def test_a_recorded_event_is_seen_at_once(reader: Reader, workspace: Path) -> None:
    before = ids(reader, "recommend", "user-0")
    answer_of("record", workspace, "--user", "user-0", "--item", before[0], "--event", "like")
    after = ids(reader, "recommend", "user-0")
    assert before[0] not in after
    assert set(after) == set(before[1:])


def test_an_added_an_updated_and_a_removed_item(reader: Reader, workspace: Path, tmp_path: Path) -> None:
    assert "fresh" not in ids(reader, "similar", "cooking-0")
    row = {"item_id": "fresh", "title": "Pizza", "description": "recipes for the kitchen, cook and bake"}
    answer_of("add", workspace, "--items", toy.write_table(tmp_path / "new.csv", [row]))
    assert "fresh" in ids(reader, "similar", "cooking-0")[:10]
    assert "fresh" in ids(reader, "recommend", "user-0")
    row = {"item_id": "fresh", "title": "Comet hunters", "description": "stars, planets and astronauts"}
    answer_of("update", workspace, "--items", toy.write_table(tmp_path / "new.csv", [row]))
    assert "fresh" in ids(reader, "similar", "space-0")[:6]
    assert "fresh" not in ids(reader, "similar", "cooking-0")[:6]
    answer_of("remove", workspace, "fresh")
    assert "fresh" not in ids(reader, "similar", "space-0")
    assert "fresh" not in ids(reader, "recommend", "user-0")


def test_a_new_snapshot_is_taken_up(reader: Reader, workspace: Path, tmp_path: Path) -> None:
    assert len(ids(reader, "similar", "cooking-0")) == 23
    rows = [{"item_id": f"more-{n}", "title": f"Bread {n}", "description": "baked in the oven"} for n in range(5)]
    answer_of("build", workspace, "--items", toy.write_table(tmp_path / "more.csv", rows))
    assert len(ids(reader, "similar", "cooking-0")) == 28
    answer_of("train", workspace, "--budget", "1m")
    assert len(ids(reader, "recommend", "user-0")) > 20
