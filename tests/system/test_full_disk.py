"""A disk that is full: one line, nothing acknowledged is lost, and all goes on once there is room."""

import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from plait.flows.check import check
from plait.flows.restore import restore
from plait.store import Store
from tests.copying import copied
from tests.plait import toy
from tests.system import disks
from tests.system.commands import FROM_HERE, PLAIT, run_plait, start_script

pytestmark = pytest.mark.system

ROOMS = (0, 60_000, 200_000)
"""Bytes left on the disk: for nothing, for opening the store, for some of the work."""

COMPACTOR = """
import sys
from plait.cli import run
from plait.flows import publish
publish.COMPACT_ROWS, publish.COMPACT_SHARE = 0, 0.0
sys.exit(run(["update", *sys.argv[1:]]))
"""

WRITER = """
import sys
from plait import Recommender
from plait.errors import BadData
recommender = Recommender.open(sys.argv[1])
for number in range(10**6):
    names = [f"{number}-{place}" for place in range(200)]
    try:
        recommender.record([{"user_id": "writer", "item_id": "space-0", "event": "view", "event_id": name,
                             "timestamp": 1700000000 + number} for name in names])
    except BadData as error:
        print("refused", error, flush=True)
        print("answers", len(recommender.recommend("user-0", limit=10).items), flush=True)
        sys.stdin.readline()
    else:
        print("did", number, flush=True)
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    new = [{"item_id": f"new-{n}", "title": f"Dish {n}", "description": f"recipe number {n}"} for n in range(200)]
    log = [
        {"user_id": f"user-{n % 12}", "item_id": f"cooking-{n % 6}", "timestamp": str(toy.START + n), "event": "like"}
        for n in range(20_000)
    ]
    toy.write_table(tmp_path / "new.csv", new)
    toy.write_table(tmp_path / "log.csv", log)
    toy.write_table(tmp_path / "years.csv", [{"item_id": row["item_id"], "year": "2024"} for row in toy.items()])
    (tmp_path / "compactor.py").write_text(COMPACTOR, encoding="utf-8")
    return tmp_path


Call = Callable[[Path, Path], "subprocess.CompletedProcess[str]"]


def compaction(workspace: Path, tables: Path) -> "subprocess.CompletedProcess[str]":
    call = [sys.executable, tables / "compactor.py", workspace, "--items", tables / "years.csv"]
    return subprocess.run(list(map(str, call)), capture_output=True, text=True, timeout=300, check=False, env=FROM_HERE)


JOBS: dict[str, Call] = {
    "record": lambda workspace, tables: run_plait("record", workspace, "--interactions", tables / "log.csv"),
    "add": lambda workspace, tables: run_plait("add", workspace, "--items", tables / "new.csv"),
    "update": lambda workspace, tables: run_plait("update", workspace, "--items", tables / "years.csv"),
    "compaction": compaction,
    "train": lambda workspace, tables: run_plait("train", workspace, "--budget", "4s"),
    "backup": lambda workspace, tables: run_plait("backup", workspace, workspace.parent / "b.tar"),
    "erase": lambda workspace, tables: run_plait("user", workspace, "erase", "user-3"),
}


def is_one_line(outcome: "subprocess.CompletedProcess[str]", folder: Path) -> bool:
    """Return whether a command failed with one line that names a file below `folder`, after what it said before."""
    said = [line for line in outcome.stderr.splitlines() if str(folder) in line]
    whole = said == outcome.stderr.splitlines()[-1:] and said[0].startswith("plait: ")
    return outcome.returncode == 1 and whole and "Traceback" not in outcome.stderr


def is_sound(workspace: Path) -> bool:
    """Return what `check` says, in a process that has held none of the files before."""
    return run_plait("check", workspace).returncode == 0


def stored(workspace: Path) -> dict[str, int]:
    with Store.open(workspace / "store.db") as store:
        return store.counts()


@pytest.mark.parametrize("job", JOBS)
def test_a_full_disk_is_one_line_and_nothing_is_lost(toy_folder: Path, disk: Path, tables: Path, job: str) -> None:
    refused, workspace = 0, disk / "workspace"
    for room in ROOMS:
        disks.empty(disk)
        copied(toy_folder / "workspace", workspace)
        before = stored(workspace)
        filling = disks.fill(disk, room=room)
        outcome = JOBS[job](workspace, tables)
        filling.unlink()
        if outcome.returncode:
            refused += 1
            assert is_one_line(outcome, disk), outcome.stderr
            assert "full" in outcome.stderr or "space" in outcome.stderr, outcome.stderr
            assert not (disk / "b.tar").exists()
            # An erasure may have been begun, which `check` says; a compaction follows what was stored already.
            assert stored(workspace) == before or job == "erase"
        assert is_sound(workspace) or job == "erase"
    assert refused >= 2
    # Where the last one was refused there is room now.
    (disk / "b.tar").unlink(missing_ok=True)
    again = JOBS[job](workspace, tables)
    assert again.returncode == 0, again.stderr
    assert is_sound(workspace)


def acknowledged(lines: Iterable[str], most: int = 10**6) -> tuple[list[int], str]:
    """Return the batches that were said to be stored, `most` of them, and the line that ended it."""
    numbers: list[int] = []
    for line in lines:
        if not line.startswith("did") or len(numbers) == most:
            return numbers, line
        numbers.append(int(line.split()[1]))
    return numbers, ""


def test_a_process_that_is_open_refuses_answers_and_goes_on(toy_folder: Path, disk: Path, tmp_path: Path) -> None:
    workspace = copied(toy_folder / "workspace", disk / "workspace")
    script = tmp_path / "writer.py"
    script.write_text(WRITER, encoding="utf-8")
    filling = disks.fill(disk, room=600_000)
    with start_script(script, workspace) as process:
        assert process.stdin
        assert process.stdout
        before, said = acknowledged(process.stdout)
        answered = process.stdout.readline()
        filling.unlink()
        process.stdin.write("\n")
        process.stdin.flush()
        after, _ = acknowledged(process.stdout, most=10)
        process.kill()
    assert "the disk is full; nothing was stored" in said
    assert answered == "answers 10\n"
    assert len(before) > 1
    assert len(after) == 10
    with Store.open(workspace / "store.db") as store:
        found = Counter(event.event_id for some in store.events() for event in some if event.user_id == "writer")
    assert set(found.values()) == {1}
    batches = Counter(name.partition("-")[0] for name in found)
    assert set(batches.values()) == {200}
    assert {str(number) for number in (*before, *after)} <= set(batches)
    assert check(workspace) == []


def test_a_backup_restored_to_a_full_disk_leaves_no_folder(toy_folder: Path, disk: Path, tmp_path: Path) -> None:
    assert run_plait("backup", toy_folder / "workspace", tmp_path / "b.tar").returncode == 0
    filling = disks.fill(disk, room=300_000)
    outcome = run_plait("restore", tmp_path / "b.tar", disk / "again")
    assert is_one_line(outcome, disk), outcome.stderr
    assert [path.name for path in disk.iterdir()] == ["fill"]
    filling.unlink()
    restore(tmp_path / "b.tar", disk / "again")
    assert check(disk / "again") == []


@pytest.mark.parametrize("job", ["record", "add", "train", "backup"])
def test_a_file_that_may_not_grow_is_one_line(workspace: Path, tables: Path, job: str) -> None:
    # What any machine can do without a disk of its own: files of more than a little are refused.
    calls: dict[str, list[Any]] = {
        "record": ["record", workspace, "--interactions", tables / "log.csv"],
        "add": ["add", workspace, "--items", tables / "new.csv"],
        "train": ["train", workspace, "--budget", "4s"],
        "backup": ["backup", workspace, workspace.parent / "b.tar"],
    }
    most = 40_000

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    before = stored(workspace)
    call = [*PLAIT, *map(str, calls[job])]
    outcome = subprocess.run(call, capture_output=True, text=True, timeout=300, check=False, preexec_fn=limit)
    assert is_one_line(outcome, workspace.parent), outcome.stderr
    assert stored(workspace) == before
    assert check(workspace) == []
