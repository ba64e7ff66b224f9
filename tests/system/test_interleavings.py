"""Two processes change and ask one workspace in random turns; every answer is that of a reference that knows all turns.

The reference is plain Python: which items there are, of which year, and what each user has done. What is ranked how is
held against a process that opens the workspace anew, whose catalogue is small enough to be searched exactly.
"""

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plait.flows.check import check
from plait.recommender import Recommender
from plait.store import Store
from plait.workspace import STORE
from tests.plait import toy
from tests.system.commands import start_script

pytestmark = pytest.mark.system

TURNS, LOOKS = 2_000, 100
"""Random turns, and after how many of them rankings are compared score by score."""
ALL = 200
WORKER = """
import json, sys
from plait import Recommender
recommender = Recommender.open(sys.argv[1])
for line in sys.stdin:
    name, argument, options = json.loads(line)
    answer = getattr(recommender, name)(argument, **options)
    if hasattr(answer, "items") and not isinstance(answer, dict) and hasattr(answer, "model"):
        answer = [[item.item_id, item.score] for item in answer.items]
    else:
        answer = None
    print(json.dumps(answer), flush=True)
"""
TITLES = [f"{place} {title}" for place in ("Old", "New", "Lost") for title in ("bread", "anchor", "comet", "rose")]
USERS = [*toy.USERS[:4], "stranger-0", "stranger-1"]


class Worker:
    """A process that holds the workspace open."""

    def __init__(self, script: Path, workspace: Path) -> None:
        self.process: subprocess.Popen[str] = start_script(script, workspace)

    def call(self, name: str, argument: object, **options: object) -> Any:
        """Call a method and return what it answered: (item id, score) of a ranking, best first."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([name, argument, options]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


class Reference:
    """What must be true, turn by turn."""

    def __init__(self) -> None:
        self.years = {row["item_id"]: int(row["year"]) for row in toy.items()}
        self.removed: set[str] = set()
        self.seen: dict[str, set[str]] = {user: set() for user in USERS}
        for row in toy.interactions():
            self.seen.setdefault(row["user_id"], set()).add(row["item_id"])
        self.events = len(toy.interactions())

    def expected(self, user: str) -> set[str]:
        return set(self.years) - self.seen[user]


@pytest.fixture
def workers(workspace: Path, tmp_path: Path) -> Iterator[list[Worker]]:
    script = tmp_path / "worker.py"
    script.write_text(WORKER, encoding="utf-8")
    toy.compact_after(workspace, 12)
    found = [Worker(script, workspace), Worker(script, workspace)]
    yield found
    for worker in found:
        worker.kill()


def change(worker: Worker, reference: Reference, rng: random.Random, turn: int) -> None:
    """Let a process add, update, remove or record something, and the reference as well."""
    living = sorted(reference.years)
    match rng.choice(["add", "add", "update", "remove", "record", "record", "record"]):
        case "add":
            # An id that was removed may be added again, and is another item then.
            gone = sorted(reference.removed)
            item_id = rng.choice(gone) if gone and rng.random() < 0.3 else f"item-{turn}"
            reference.years[item_id] = rng.randrange(1990, 2003)
            row = {"item_id": item_id, "title": rng.choice(TITLES), "year": str(reference.years[item_id])}
            worker.call("add_items", [row])
            reference.removed.discard(item_id)
        case "update":
            item_id = rng.choice(living)
            reference.years[item_id] = rng.randrange(1990, 2003)
            worker.call("update_items", [{"item_id": item_id, "year": str(reference.years[item_id])}])
        case "remove" if len(living) > 15:
            gone_now = rng.sample(living, rng.randrange(1, 4))
            worker.call("remove_items", gone_now)
            for item_id in gone_now:
                del reference.years[item_id]
            reference.removed |= set(gone_now)
        case _:
            user, item_id = rng.choice(USERS), rng.choice(living)
            event = {"user_id": user, "item_id": item_id, "event": rng.choice(["view", "like", "skip"])}
            event |= {"event_id": f"e{turn}", "timestamp": str(toy.START + 10_000_000 + rng.randrange(1_000))}
            for _ in range(rng.choice([1, 1, 2])):  # what is sent twice counts once
                worker.call("record", [event])
            reference.seen[user].add(item_id)
            reference.events += 1


def ask(worker: Worker, reference: Reference, rng: random.Random) -> None:
    """Ask a process something, and hold its answer against the reference."""
    match rng.choice(["recommend", "search", "similar", "where"]):
        case "recommend":
            user = rng.choice(USERS)
            found = worker.call("recommend", user, limit=ALL)
            assert {item_id for item_id, _ in found} == reference.expected(user)
        case "search":
            found = worker.call("search", rng.choice(TITLES), limit=ALL)
            assert {item_id for item_id, _ in found} == set(reference.years)
        case "similar":
            item_id = rng.choice(sorted(reference.years))
            found = worker.call("similar", item_id, limit=ALL)
            assert {other for other, _ in found} == set(reference.years) - {item_id}
        case _:
            year = rng.randrange(1990, 2003)
            found = worker.call("search", "stars", limit=ALL, where=f"year >= {year}")
            assert {item_id for item_id, _ in found} == {i for i, made in reference.years.items() if made >= year}
    assert len({item_id for item_id, _ in found}) == len(found)


def compare(workers: list[Worker], workspace: Path, rng: random.Random) -> None:
    """Hold rankings of both processes against those of one that has followed nothing."""
    new, user, words = Recommender.open(workspace), rng.choice(USERS), rng.choice(TITLES)
    # Words are encoded by each process, in bfloat16 where the processor has it.
    asked = [
        ("recommend", user, new.recommend(user, limit=ALL), 1e-5),
        ("search", words, new.search(words, limit=ALL), 2e-3),
    ]
    for name, argument, right, off in asked:
        for worker in workers:
            found = dict(worker.call(name, argument, limit=ALL))
            assert found == pytest.approx({item.item_id: item.score for item in right.items}, abs=off)


def test_every_answer_is_that_of_the_reference(workers: list[Worker], workspace: Path, tmp_path: Path) -> None:
    rng, reference = random.Random(8), Reference()
    for turn in range(TURNS):
        worker = rng.choice(workers)
        if rng.random() < 0.5:
            change(worker, reference, rng, turn)
        else:
            ask(worker, reference, rng)
        if turn % LOOKS == LOOKS - 1:
            compare(workers, workspace, rng)
        if turn in (TURNS // 3, 2 * TURNS // 3):
            workers[0].kill()
            workers[0] = Worker(tmp_path / "worker.py", workspace)
    assert check(workspace) == []
    assert Store.open(workspace / STORE).counts()["events"] == reference.events
    assert len(list((workspace / "index").glob("0*"))) > 1, "nothing was ever compacted"
