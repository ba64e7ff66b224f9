"""Models, backups and erasures with real processes: one answers while another acts, or is killed in the middle."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from plait.flows.check import check
from plait.flows.erase import erase
from plait.flows.repair import repair
from plait.recommender import Recommender
from plait.traces import files_that_hold
from plait.workspace import Workspace
from tests.plait import toy
from tests.plait.flows.keeping import publish_again, scores
from tests.system.commands import answer_of, run_plait, start_script

pytestmark = pytest.mark.system

SOMEBODY = "somebody-7c1f0e95ab3d4482"
OTHERS = toy.USERS[:10]

ANSWERING = """
import json, sys
from plait import Recommender
recommender = Recommender.open(sys.argv[1])
for line in sys.stdin:
    rankings = recommender.recommend(json.loads(line), limit=30, include_seen=True)
    told = [{item.item_id: item.score for item in ranking.items} for ranking in rankings]
    alike = [user.user_id for user in recommender.users_like("user-2", limit=50).items]
    print(json.dumps([rankings[0].model, told, alike]), flush=True)
"""

KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from plait.workspace import Workspace
folder, job, target, moment, *rest = sys.argv[1:]
module, _, name = target.rpartition(".")
package, _, owner = module.rpartition(".")
holder = getattr(importlib.import_module(package), owner) if owner == "Store" else importlib.import_module(module)
work = getattr(holder, name)

def killed(*arguments, **options):
    if moment == "after":
        work(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(holder, name, killed)
from plait.flows.backup import backup
from plait.flows.erase import erase
if job == "backup":
    backup(Workspace.open(Path(folder)), Path(rest[0]))
else:
    erase(Workspace.open(Path(folder)), rest[0])
print("alive", flush=True)
"""


def asked(process: Any, user_ids: list[str]) -> Any:
    process.stdin.write(json.dumps(user_ids) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@pytest.fixture
def answering(tmp_path: Path) -> Path:
    (tmp_path / "answering.py").write_text(ANSWERING, encoding="utf-8")
    return tmp_path / "answering.py"


@pytest.fixture
def killing(tmp_path: Path) -> Path:
    (tmp_path / "killing.py").write_text(KILLED, encoding="utf-8")
    return tmp_path / "killing.py"


def know(workspace: Path) -> None:
    """Let somebody be known to the store and to the model that answers."""
    rows = [{"user_id": SOMEBODY, "item_id": f"space-{number}", "event": "like"} for number in range(5)]
    Recommender.open(workspace).record(rows)
    Recommender.open(workspace).train(budget="10s")


def test_another_process_takes_up_what_is_promoted(workspace: Path, answering: Path) -> None:
    publish_again(workspace)
    process = start_script(answering, workspace)
    assert asked(process, ["user-0"])[0] == "index 1, model 2"
    answer_of("models", workspace, "promote", 1)
    assert asked(process, ["user-0"])[0] == "index 1, model 1"
    answer_of("models", workspace, "rollback")
    assert asked(process, ["user-0"])[0] == "index 1, model 2"
    process.communicate(timeout=60)


def test_another_process_forgets_and_answers_others_as_before(workspace: Path, answering: Path) -> None:
    know(workspace)
    process = start_script(answering, workspace)
    _, before, alike = asked(process, OTHERS)
    assert SOMEBODY in alike
    told = answer_of("user", workspace, "erase", SOMEBODY)
    assert told["found_in"] == []
    model, after, alike = asked(process, OTHERS)
    assert SOMEBODY not in alike
    assert model == "index 1, model 3"
    for old, new in zip(before, after, strict=True):
        assert old.keys() == new.keys()
        assert max(abs(old[item] - new[item]) for item in old) <= 1e-6
    # Whoever is open writes nothing back.
    process.communicate(timeout=60)
    assert files_that_hold(workspace, SOMEBODY) == []


BACKUPS = ["plait.flows.backup.note_backup", "plait.store.Store.copy_to", "plait.flows.backup.write_archive",
           "plait.flows.backup._put", "plait.flows.backup._copy_current"]  # fmt: skip


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("point", BACKUPS)
def test_a_killed_backup_is_there_whole_or_not_at_all(
    workspace: Path, killing: Path, tmp_path: Path, point: str, moment: str
) -> None:
    file = tmp_path / "b.tar"
    process = start_script(killing, workspace, "backup", point, moment, file)
    assert process.communicate(timeout=120)[0] == ""
    assert process.returncode == -signal.SIGKILL
    assert file.exists() == (point.endswith("_put") and moment == "after")
    assert list(tmp_path.glob("*.tar")) == [file] * file.exists(), "an unfinished archive has no name of one"
    assert check(workspace) == []
    if not file.exists():
        answer_of("backup", workspace, file)
    answer_of("restore", file, tmp_path / "again")
    assert check(tmp_path / "again") == []
    assert scores(Recommender.open(tmp_path / "again"), OTHERS) == scores(Recommender.open(workspace), OTHERS)
    assert run_plait("restore", file, tmp_path / "again").returncode == 2


ERASURES = ["plait.flows.erase.finish_erasing", "plait.flows.finish_erasing.forget_in_models", "plait.snapshot._seal",
            "plait.snapshot.point", "plait.snapshot.remove", "plait.store.Store.forget_deleted"]  # fmt: skip


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("point", ERASURES)
def test_a_killed_erasure_is_seen_and_finished(workspace: Path, killing: Path, point: str, moment: str) -> None:
    know(workspace)
    before = scores(Recommender.open(workspace), OTHERS)
    process = start_script(killing, workspace, "erase", point, moment, SOMEBODY)
    assert process.communicate(timeout=120)[0] == ""
    assert process.returncode == -signal.SIGKILL
    if point.endswith(("finish_erasing", "point", "_seal")):
        # Finished by the same command once more; the others by what `check` says to do.
        assert erase(Workspace.open(workspace), SOMEBODY)["found_in"] == []
    elif check(workspace):
        assert repair(workspace)[0] == []
    assert files_that_hold(workspace, SOMEBODY) == []
    assert check(workspace) == []
    after = scores(Recommender.open(workspace), OTHERS)
    for user_id in OTHERS:
        assert max(abs(after[user_id][item] - score) for item, score in before[user_id].items()) <= 1e-6
