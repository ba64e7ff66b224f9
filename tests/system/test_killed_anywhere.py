"""Fifty SIGKILLs at random moments of all operations, several processes at once, on one workspace.

After each the workspace opens, what was acknowledged is there once, and what was not is there whole or not at all. Once
all processes of a round are killed, `check` finds nothing but erasures that were left before their end, which one
`check --repair` finishes.
"""

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from plait.flows.check import check
from plait.flows.repair import repair
from plait.flows.restore import restore
from plait.recommender import Recommender
from plait.store import Store
from plait.traces import files_that_hold
from plait.workspace import STORE
from tests.system.operations import BATCH, OPERATIONS

pytestmark = pytest.mark.system

SEED = 8
ROUNDS, AT_ONCE = 17, 3
DONE = {"record", "add", "remove", "compact", "train", "learn", "build", "move", "backup", "erase"}
"""What must have come to its end at least once."""
LONGEST = 1.2
"""Seconds that a process works at most before it is killed."""
UNFINISHED = "an erasure was left before its end"
ROOT = Path(__file__).parents[2]


@dataclass
class Killed:
    """One process: its operation, and the file of what it said."""

    process: "subprocess.Popen[bytes]"
    name: str
    log: Path

    def lines(self) -> list[str]:
        """Return what was said in whole lines; the last one may have been cut off."""
        return self.log.read_text(encoding="utf-8").split("\n")[:-1]


@dataclass
class Ledger:
    """What is known from outside of what processes did: all that they said, and nothing else."""

    batches: set[str] = field(default_factory=set)
    items: dict[str, set[bool]] = field(default_factory=dict)
    """By item, whether it may be in the catalogue: one answer, or both where a change was under way."""
    erased: set[str] = field(default_factory=set)
    backups: set[Path] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)

    def read(self, lines: list[str]) -> None:
        for word, what, name in (line.split(" ", 2) for line in lines if line != "ready"):
            self.done[what] += word == "did"
            if what in ("add", "remove"):
                after = what == "add"
                self.items[name] = {after} if word == "did" else {after, not after}
            elif word == "did" and what == "record":
                self.batches.add(name)
            elif word == "did" and what == "erase":
                self.erased.add(name)
            elif word == "did" and what == "backup":
                self.backups.add(Path(name))


def start(name: str, workspace: Path, run: str, folder: Path) -> Killed:
    log = folder / f"{run}-{name}.log"
    call = [sys.executable, "-m", "tests.system.operations", name, workspace, run, folder, str(SEED)]
    with log.open("wb") as out:
        process = subprocess.Popen(list(map(str, call)), stdout=out, cwd=ROOT)
    return Killed(process, name, log)


def await_ready(started: list[Killed]) -> None:
    until = time.monotonic() + 120
    while not all(one.lines() for one in started):
        assert all(one.process.poll() is None for one in started)
        assert time.monotonic() < until
        time.sleep(0.01)


def kill(one: Killed) -> None:
    assert one.process.poll() is None, f"{one.name} ended by itself: {one.lines()[-1:]}"
    os.kill(one.process.pid, signal.SIGKILL)
    one.process.wait()


def opens_with_all(workspace: Path, ledger: Ledger) -> None:
    """Hold the workspace against the ledger, whatever other processes do meanwhile."""
    assert len(Recommender.open(workspace).recommend("user-0", limit=10).items) == 10
    with Store.open(workspace / STORE) as store:
        found = Counter(event.event_id for some in store.events() for event in some if event.event_id)
        living = set(store.item_ids())
        for user_id in ledger.erased:
            assert store.events_of(user_id) == []
    assert set(found.values()) <= {1}
    batches = Counter(name.rpartition("-")[0] for name in found)
    assert set(batches.values()) <= {BATCH}, "half a batch was stored"
    assert ledger.batches <= set(batches), "an acknowledged batch was lost"
    wrong = [item_id for item_id, may in ledger.items.items() if (item_id in living) not in may]
    assert wrong == []


def is_mended(workspace: Path) -> None:
    """Check in quiet, and repair what an erasure left."""
    problems = check(workspace)
    assert all(UNFINISHED in line for line in problems)
    if problems:
        assert repair(workspace)[0] == []
        assert check(workspace) == []


def restores(file: Path, folder: Path) -> None:
    restore(file, folder)
    is_mended(folder)
    assert len(Recommender.open(folder).recommend("user-0", limit=10).items) == 10
    shutil.rmtree(folder)


def test_fifty_kills_anywhere(workspace: Path, tmp_path: Path) -> None:
    rng, ledger = random.Random(SEED), Ledger()
    names: list[str] = []
    kills: Counter[str] = Counter()
    for number in itertools.count():
        # Where the machine is busy each is killed before its end: then there are more rounds.
        if number >= ROUNDS and (set(+ledger.done) >= DONE or number >= 3 * ROUNDS):
            break
        names += rng.sample(list(OPERATIONS), len(OPERATIONS)) if len(names) < AT_ONCE else []
        chosen, names = names[:AT_ONCE], names[AT_ONCE:]
        started = [start(name, workspace, f"r{number}{name}", tmp_path) for name in chosen]
        await_ready(started)
        for one in started:
            time.sleep(rng.uniform(0.0, LONGEST / AT_ONCE))
            kill(one)
            kills[one.name] += 1
            ledger.read(one.lines())
            opens_with_all(workspace, ledger)
        is_mended(workspace)
        opens_with_all(workspace, ledger)
        made = sorted(tmp_path.glob(f"r{number}backup-*.tar"), key=lambda path: path.stat().st_mtime)
        for file in made[-2:]:
            restores(file, tmp_path / "again")
    assert kills.total() >= 50
    assert set(kills) == set(OPERATIONS)
    assert set(+ledger.done) >= DONE
    # All goes on, and no file of the workspace holds who was erased.
    assert Recommender.open(workspace).train(budget="3s")["model"]
    assert all(path.exists() for path in ledger.backups)
    for user_id in sorted(ledger.erased)[:3]:
        assert files_that_hold(workspace, user_id) == []
