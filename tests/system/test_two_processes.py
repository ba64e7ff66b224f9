"""What one process records, adds or removes is in the very next answer of another that was open before."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plait import toy
from tests.system.commands import answer_of, start_script

pytestmark = pytest.mark.system

READER = """
import json, sys
from plait import Recommender
recommender = Recommender.open(sys.argv[1])
for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps(getattr(recommender, name)(*arguments, limit=30).to_json()), flush=True)
"""


class Reader:
    """A process that keeps a workspace open and answers questions about it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def ask(self, name: str, *arguments: str) -> list[str]:
        """Return the item ids of one ranking."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return [item["item_id"] for item in answer["items"]]


@pytest.fixture
def reader(workspace: Path, tmp_path: Path) -> Iterator[Reader]:
    script = tmp_path / "reader.py"
    script.write_text(READER, encoding="utf-8")
    process = start_script(script, workspace)
    yield Reader(process)
    process.kill()
    process.communicate()


def test_a_recorded_event_is_seen_at_once(reader: Reader, workspace: Path) -> None:
    before = reader.ask("recommend", "user-0")
    answer_of("record", workspace, "--user", "user-0", "--item", before[0], "--event", "like")
    after = reader.ask("recommend", "user-0")
    assert before[0] not in after
    assert set(after) == set(before[1:])


def test_an_added_an_updated_and_a_removed_item(reader: Reader, workspace: Path, tmp_path: Path) -> None:
    assert "fresh" not in reader.ask("similar", "cooking-0")
    row = {"item_id": "fresh", "title": "Pizza", "description": "recipes for the kitchen, cook and bake"}
    answer_of("add", workspace, "--items", toy.write_table(tmp_path / "new.csv", [row]))
    assert "fresh" in reader.ask("similar", "cooking-0")[:10]
    assert "fresh" in reader.ask("recommend", "user-0")
    row = {"item_id": "fresh", "title": "Comet hunters", "description": "stars, planets and astronauts"}
    answer_of("update", workspace, "--items", toy.write_table(tmp_path / "new.csv", [row]))
    assert "fresh" in reader.ask("similar", "space-0")[:6]
    assert "fresh" not in reader.ask("similar", "cooking-0")[:6]
    answer_of("remove", workspace, "fresh")
    assert "fresh" not in reader.ask("similar", "space-0")
    assert "fresh" not in reader.ask("recommend", "user-0")


def test_a_new_snapshot_is_taken_up(reader: Reader, workspace: Path, tmp_path: Path) -> None:
    assert len(reader.ask("similar", "cooking-0")) == 23
    rows = [{"item_id": f"more-{n}", "title": f"Bread {n}", "description": "baked in the oven"} for n in range(5)]
    answer_of("build", workspace, "--items", toy.write_table(tmp_path / "more.csv", rows))
    assert len(reader.ask("similar", "cooking-0")) == 28
    answer_of("train", workspace, "--budget", "1m")
    assert len(reader.ask("recommend", "user-0")) > 20
