"""Measure answers while the workspace is worked on: during a training, a compaction and a build, beside quiet times.

One process recommends and searches by examples in turn, as a server would (new snapshots are loaded beside), and
another works: `plait train` as `plait tend` starts it, a compaction after a third of the items were removed, and
`plait build` of the whole table, which brings them back.
Quiet times lie between. After each tenth recommendation the user likes what stands first: the next must not hold it.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from plait import Recommender
from plait.child_training import THREADS, ChildTraining
from plait.workspace import Workspace
from scripts.bench_index import random_vectors
from scripts.figures import print_figures

USERS, EVENTS = 2_000, 40
BEGIN = 1_700_000_000
LIMIT = 10
PLENTY = 1 << 40
COMPACT = "import sys; from pathlib import Path; from plait.flows.publish import compact_if_due; " + (
    "from plait.live import Live; from plait.workspace import Workspace; "
    "sys.exit(not compact_if_due(Live(Workspace.open(Path(sys.argv[1])))))"
)


@dataclass
class Asked:
    """Milliseconds of answers by what was asked, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: int = 0
    stale: int = 0
    names: set[str] = field(default_factory=set)


class Asking:
    """Asks one after the other; the numbers go on from phase to phase, so that no two ask the same."""

    def __init__(self, recommender: Recommender, items: int) -> None:
        self._recommender, self._items, self._turn = recommender, items, 0

    def ask(self, told: Asked) -> None:
        """Recommend once and search once."""
        self._turn += 1
        user = f"user-{self._turn * 7 % USERS}"
        # Of those that stay.
        like = [f"item-{3 * (self._turn * step % (self._items // 3)) + 1}" for step in (7, 11)]
        try:
            first = self._timed("recommend", lambda: self._recommender.recommend(user, limit=LIMIT), told)
            self._timed("search", lambda: self._recommender.search(like=like, limit=LIMIT), told)
            if self._turn % 10 == 0:
                liked = first.items[0].item_id
                self._recommender.record([{"user_id": user, "item_id": liked, "event": "like"}])
                again = self._recommender.recommend(user, limit=LIMIT)
                told.stale += liked in {item.item_id for item in again.items}
        except Exception as error:  # all are counted: none may happen
            print(f"error: {error}", file=sys.stderr)
            told.errors += 1

    def _timed(self, name: str, call: Callable[[], Any], told: Asked) -> Any:
        began = time.perf_counter()
        answer = call()
        told.times[name].append(1e3 * (time.perf_counter() - began))
        told.names.add(answer.model)
        return answer


def made(folder: Path, items: int, rng: np.random.Generator) -> Recommender:
    """Build and train a catalogue with own vectors, and a log in which each user keeps to a twentieth of it."""
    np.save(folder / "vectors.npy", random_vectors(items, rng))
    with (folder / "items.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("item_id", "title", "year"))
        writer.writerows((f"item-{row}", f"item {row}", 1950 + row % 70) for row in range(items))
    tastes = rng.integers(20, size=USERS)
    chosen = rng.integers(items // 20, size=(USERS, EVENTS)) * 20 + tastes[:, None]
    events = [
        {"user_id": f"user-{user}", "item_id": f"item-{row}", "timestamp": BEGIN + 4_000 * place, "event": "like"}
        for user, rows in enumerate(chosen.tolist())
        for place, row in enumerate(rows)
    ]
    Recommender.build(
        folder / "workspace", items=folder / "items.csv", interactions=events,
        vectors={"text": folder / "vectors.npy"},
    ).train(budget="1m")  # fmt: skip
    return Recommender.open(folder / "workspace", beside=True)


def thinned(workspace: Path, items: int) -> None:
    """Remove every third item: enough that a compaction is due."""
    with Workspace.open(workspace).store.write() as change:
        change.remove_items([f"item-{row}" for row in range(0, items, 3)])


def beside(*arguments: object) -> Iterator[None]:
    """Run Python in a process of its own, the least of all, and yield until it has ended. Raises where it failed."""
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    os.setpriority(os.PRIO_PROCESS, process.pid, 19)
    while process.poll() is None:
        yield
    _, said = process.communicate()
    if process.returncode:
        raise RuntimeError(said.decode())


def training(workspace: Path, budget: str) -> Iterator[None]:
    """Train as `plait tend` does, and yield until that has ended."""
    child = ChildTraining(workspace, ["--budget", budget, "--judged"], seconds=600, memory=PLENTY)
    while (outcome := child.outcome()) is None:
        yield
    if outcome.problem:
        raise RuntimeError(outcome.problem)


def phases(folder: Path, budget: str) -> Mapping[str, Callable[[], Iterator[None]]]:
    """Return what is done beside the answers, by name."""
    workspace, own = folder / "workspace", ("--vectors", f"text={folder / 'vectors.npy'}")
    return {
        "training": lambda: training(workspace, budget),
        "compaction": lambda: beside("-c", COMPACT, workspace),
        "build": lambda: beside("-m", "plait", "build", workspace, "--items", folder / "items.csv", *own),
    }


def measure(folder: Path, items: int, rounds: int, quiet: float, budget: str, seed: int) -> dict[str, Asked]:
    """Return what was measured, by phase; quiet times of so many seconds lie before each."""
    asking = Asking(made(folder, items, np.random.default_rng(seed)), items)
    told: dict[str, Asked] = defaultdict(Asked)
    for _ in range(20):
        asking.ask(Asked())
    for _ in range(rounds):
        for name, work in phases(folder, budget).items():
            if name == "compaction":
                thinned(folder / "workspace", items)
                # The removals are taken up here: a compaction is to be measured, not thousands of changes at once.
                asking.ask(Asked())
            until = time.monotonic() + quiet
            while time.monotonic() < until:
                asking.ask(told["quiet"])
            for _ in work():
                asking.ask(told[name])
            # The new snapshot is taken up after the work has ended.
            until = time.monotonic() + min(quiet, 3.0)
            while time.monotonic() < until:
                asking.ask(told[name])
    return told


def main(
    items: Annotated[int, typer.Option(help="Items of the catalogue.")] = 20_000,
    rounds: Annotated[int, typer.Option(help="How often each is done.")] = 2,
    quiet: Annotated[float, typer.Option(help="Seconds of each quiet time.")] = 10.0,
    budget: Annotated[str, typer.Option(help="Budget of a training.")] = "1m",
    seed: Annotated[int, typer.Option(help="Seed of the catalogue.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Print p50, p99 and the longest of answers in each phase, and the ratio of the p99 to the quiet one."""
    with tempfile.TemporaryDirectory() as name:
        told = measure(Path(name), items, rounds, quiet, budget, seed)
    print_figures(figures_of(told), as_json=as_json)


def figures_of(told: Mapping[str, Asked]) -> Iterator[dict[str, Any]]:
    """Yield the figures of each phase and what was asked; `models` counts the snapshots that answered."""
    for phase, asked in told.items():
        for name, times in asked.times.items():
            p50, p99 = np.percentile(times, [50, 99])
            ratio = p99 / np.percentile(told["quiet"].times[name], 99)
            yield {
                "phase": phase, "asked": name, "answers": len(times), "p50_ms": round(float(p50), 1),
                "p99_ms": round(float(p99), 1), "longest_ms": round(max(times), 1), "ratio": round(float(ratio), 2),
                "errors": asked.errors, "stale": asked.stale, "models": len(asked.names),
            }  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
