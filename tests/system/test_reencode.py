"""Other encoders while a process answers; a writer killed by SIGKILL leaves the old index whole, the next goes on."""

import signal
import time
from pathlib import Path

import pytest

from embedders.bundles import MINILM
from plait.flows.check import check
from plait.flows.reencode import reencode
from plait.recommender import Recommender
from tests.system.commands import run_plait, start_plait, start_script
from tests.system.reader import Reader

pytestmark = pytest.mark.system

WORDS = "astronauts among the stars"
NEW = {"item_id": "new", "title": "Pizza", "description": "dough, tomatoes, cheese"}
WRITER = """
import os, signal, sys
from pathlib import Path
from plait import snapshot
from plait.flows import reencode as flow
folder, point, moment = sys.argv[1:]
module, name = point.split(".")
module = {"snapshot": snapshot, "flow": flow}[module]
work, switch = getattr(module, name), flow._switch

def killed(*arguments, **options):
    if moment == "after":
        work(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

def switching(*arguments):
    setattr(module, name, killed)
    switch(*arguments)

if module is flow:
    setattr(module, name, killed)
else:
    flow._switch = switching
flow.reencode(Path(folder))
print("alive", flush=True)
"""
OLD = ["flow._train before", "flow._train after", "snapshot._seal after", "snapshot._point_to before"]
NEW_ONE = ["snapshot._point_to after", "snapshot._retire before"]


def told(reader: Reader, name: str, argument: object) -> tuple[str, list[tuple[str, float]]]:
    """Return the model that answered, and (item id, score) best first."""
    answer = reader.ask(name, argument)
    return answer["model"], [(item["item_id"], item["score"]) for item in answer["items"]]


def name_others(folder: Path) -> None:
    model = f'{{ model = "{MINILM.weights()}", truncate_dim = 128 }}'
    (folder / "plait.toml").write_text(f"[encoders]\ntext = {model}\n", encoding="utf-8")


def test_a_process_answers_before_during_and_after(reader: Reader, workspace: Path) -> None:
    before = told(reader, "search", WORDS)
    name_others(workspace)
    assert run_plait("search", workspace, WORDS).returncode == 1
    writer, models, added = start_plait("build", workspace, "--reencode"), [], False
    while writer.poll() is None:
        model, items = told(reader, "search", WORDS)
        models.append(model)
        if model == before[0]:
            assert items == before[1]
        if not added:
            reader.ask("add_items", [NEW])
            added = True
            before = told(reader, "search", WORDS)
        assert "untrained" not in told(reader, "recommend", "user-0")[0]
        time.sleep(0.1)
    complaint = writer.communicate()[1]
    assert writer.returncode == 0, complaint
    assert models[0] == before[0] == "index 1, model 1"
    model, items = told(reader, "search", WORDS)
    new = Recommender.open(workspace).search(WORDS)
    assert model == new.model == "index 2, model 2"
    assert dict(items) == pytest.approx({item.item_id: item.score for item in new.items}, abs=2e-3)
    assert told(reader, "search", NEW["description"])[1][0][0] == "new"
    assert check(workspace) == []


@pytest.mark.parametrize("killed", [*OLD, *NEW_ONE])
def test_a_killed_writer(reader: Reader, workspace: Path, tmp_path: Path, killed: str) -> None:
    before = told(reader, "search", WORDS)
    name_others(workspace)
    script = tmp_path / "writer.py"
    script.write_text(WRITER, encoding="utf-8")
    process = start_script(script, workspace, *killed.split())
    said = process.communicate(timeout=120)[0]
    assert (process.returncode, said.split()) == (-signal.SIGKILL, [])
    after = told(reader, "search", WORDS)
    if killed in NEW_ONE:
        assert after[0] == "index 2, model 2"
    else:
        assert after == before
        assert "untrained" not in told(reader, "recommend", "user-0")[0]
        reencode(workspace)
    new = Recommender.open(workspace).search(WORDS)
    model, items = told(reader, "search", WORDS)
    assert model == new.model == "index 2, model 2"
    assert dict(items) == pytest.approx({item.item_id: item.score for item in new.items}, abs=2e-3)
    assert check(workspace) == []
