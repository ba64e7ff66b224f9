"""`plait tend` with real trainings: done, killed, over their memory, stopped; the workspace stays clean."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from plait.config import FILE
from plait.datasets.second_period import second_period
from plait.datasets.studio import write_studio
from plait.recommender import Recommender
from scripts.served import children_of
from tests.copying import copied
from tests.system.commands import answer_of, run_plait, start_plait

pytestmark = pytest.mark.system
SEED, ITEMS, LISTENERS = 20, 48, 120
SCHEDULE = '[schedule]\nafter_events = 500\nbudget = "30s"\nretrain = "volume"\n'


@pytest.fixture(scope="module")
def grown_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a trained studio workspace with a second period of events that no model has learnt. Read only."""
    folder = tmp_path_factory.mktemp("studio")
    write_studio(folder, seed=SEED, items=ITEMS, listeners=LISTENERS)
    items = [
        {**row, "image": "", "audio": "", "title": row["title"] or row["item_id"]}
        for row in _rows(folder / "items.csv")
    ]
    recommender = Recommender.build(folder / "workspace", items=items, interactions=folder / "interactions.csv")
    recommender.train(budget="30s")
    events = second_period(seed=SEED, items=ITEMS, listeners=LISTENERS, swapped=False)
    recommender.record(
        [
            {
                "user_id": user,
                "item_id": item,
                "timestamp": at,
                "event": event,
                "value": float(value) if value else None,
            }
            for user, item, at, event, value in events
        ]
    )
    return folder / "workspace"


def _rows(path: Path) -> list[dict[str, str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def grown(grown_once: Path, tmp_path: Path) -> Path:
    folder = copied(grown_once, tmp_path / "workspace")
    schedule(folder, SCHEDULE)
    return folder


def schedule(workspace: Path, text: str) -> None:
    kept = (workspace / FILE).read_text(encoding="utf-8").partition("[schedule]")[0]
    (workspace / FILE).write_text(kept + text, encoding="utf-8")


def tended(workspace: Path, *, code: int = 0) -> list[dict[str, Any]]:
    outcome = run_plait("tend", workspace, "--once", "--json")
    assert outcome.returncode == code, outcome.stderr + outcome.stdout
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def assert_clean(workspace: Path, *, models: int) -> None:
    assert answer_of("check", workspace) == {"ok": True, "problems": []}
    listed = answer_of("models", workspace, "list")["models"]
    assert len(listed) == models
    assert sum(model["current"] for model in listed) == 1


def training_of(process_id: int) -> int:
    """Return the process that a process has started, once it is there."""
    began = time.monotonic()
    while time.monotonic() - began < 120:
        for child in children_of(process_id):
            return child
        time.sleep(0.02)
    raise AssertionError("no training began")


def test_volume_leads_to_a_judged_model_and_then_to_nothing(grown: Path) -> None:
    said = _of_training(tended(grown))
    assert [line["duty"] for line in said] == ["retrain", "finish"]
    assert said[0]["line"].startswith("training begins: volume: ")
    listed = answer_of("models", grown, "list")["models"]
    assert (listed[1]["from"], listed[1]["why"].partition(":")[0]) == (1, "volume")
    assert listed[1]["judged"]["users"] >= 30
    assert listed[1]["current"] != listed[1]["judged"]["worse"]
    assert_clean(grown, models=2)
    assert _of_training(tended(grown)) == []


def _of_training(said: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return what was said of all but learning on the stream, a round of which may be taken back."""
    return [line for line in said if line["duty"] != "learn"]


def test_a_training_over_its_memory_is_stopped_and_said(grown: Path) -> None:
    schedule(grown, SCHEDULE + "memory = 100_000_000\n")
    said = tended(grown, code=1)
    assert said[-1]["failed"]
    assert "[schedule] memory is 100,000,000" in said[-1]["line"]
    assert_clean(grown, models=1)


def test_a_training_that_is_killed_is_said(grown: Path) -> None:
    process = start_plait("tend", grown, "--once", "--json")
    os.kill(training_of(process.pid), signal.SIGKILL)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "ended with -9" in json.loads(out.splitlines()[-1])["line"]
    assert_clean(grown, models=1)
    assert tended(grown)[-1]["failed"] is False
    assert_clean(grown, models=2)


def test_a_tender_that_is_asked_to_end_ends_its_training(grown: Path) -> None:
    process = start_plait("tend", grown, "--json")
    training = training_of(process.pid)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert not Path(f"/proc/{training}").exists()
    assert_clean(grown, models=1)


def test_two_do_not_tend_at_once(grown: Path) -> None:
    process = start_plait("tend", grown, "--json")
    training_of(process.pid)
    second = run_plait("tend", grown, "--once")
    assert (second.returncode, second.stderr) == (1, f"plait: {grown} is tended by another process\n")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
