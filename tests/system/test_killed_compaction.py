"""A process killed by SIGKILL while it compacts leaves a workspace that opens, is whole, and has every event."""

import signal
from pathlib import Path

import pytest

from plait.flows.build import build
from plait.flows.check import check
from plait.flows.status import status
from plait.recommender import Recommender
from tests.plait import toy
from tests.system.commands import start_script

pytestmark = pytest.mark.system

POINTS = ["snapshot.sync_tree", "snapshot._seal", "snapshot._point_to", "snapshot.replace_text", "snapshot._retire",
          "publish.build_index"]  # fmt: skip

COMPACTOR = """
import os, signal, sys
from plait import Recommender, snapshot
from plait.flows import publish
folder, point, moment = sys.argv[1:]
recommender = Recommender.open(folder)
for number in range(3):
    recommender.record([{"user_id": "writer", "item_id": "space-0", "timestamp": 1700000000 + number, "event": "view"}])
    print(number, flush=True)
module, name = point.split(".")
module = {"snapshot": snapshot, "publish": publish}[module]
work = getattr(module, name)

def killed(*arguments, **options):
    if moment == "after":
        work(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(module, name, killed)
recommender.remove_items([f"cooking-{number}" for number in range(5)])
print("alive", flush=True)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "compactor.py"
    path.write_text(COMPACTOR, encoding="utf-8")
    return path


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_compaction(workspace: Path, script: Path, point: str, moment: str) -> None:
    toy.compact_after(workspace, 4)
    process = start_script(script, workspace, point, moment)
    said = process.communicate(timeout=120)[0].split()
    assert (process.returncode, said) == (-signal.SIGKILL, ["0", "1", "2"])
    assert check(workspace) == []
    # What was acknowledged is there: the events, and the removal, which was stored before the compaction began.
    counted = status(workspace)
    assert (counted["items"], counted["events"]) == (19, len(toy.interactions()) + 3)
    recommender = Recommender.open(workspace)
    assert recommender.profile("writer").events == 3
    found = {item.item_id for item in recommender.similar("space-0", limit=50).items}
    assert found == {row["item_id"] for row in toy.items()[5:]} - {"space-0"}
    # The lease is free again, what was left unfinished is cleared away, and the next snapshot is published.
    build(workspace, items=toy.items()[6:16], prune=True)
    after = status(workspace)
    assert (after["items"], after["index"] > counted["index"]) == (10, True)
    assert not list((workspace / "index").glob("unfinished-*"))
    assert check(workspace) == []
