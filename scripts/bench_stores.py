"""Measure SQLite beside PostgreSQL: batches recorded, the number of the last change asked, a user recommended to.

Both hold the same workspace, and their turns are interleaved. Prints the median and the 95th percentile of the wall
clock, in milliseconds, and the ratio of the medians. The database is one that may be written to; the schema that the
URL names is made, and must not be there.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from plait.flows.backup import backup
from plait.flows.restore import restore
from plait.recommender import Recommender
from plait.workspace import Workspace

BATCH = 100
NAMES = ("sqlite", "postgresql")


def both(workspace: Path, scratch: Path, url: str) -> dict[str, Recommender]:
    """Return a workspace opened twice: a copy with its own file, and one whose store is at the URL."""
    backup(Workspace.open(workspace), scratch / "copy.tar")
    restore(scratch / "copy.tar", scratch / "sqlite")
    restore(scratch / "copy.tar", scratch / "postgresql", store=url)
    opened = Workspace.open(scratch / "postgresql", store=url)
    return {"sqlite": Recommender.open(scratch / "sqlite"), "postgresql": Recommender(opened)}


def runs_of(recommender: Recommender) -> dict[str, Callable[[int], object]]:
    """Return what is timed of one of the two."""
    store = recommender.workspace.store
    items, users = store.item_ids()[:1_000], store.user_ids()

    def record(turn: int) -> Any:
        rows = [
            {"user_id": f"recorded-{(turn + place) % 500}", "item_id": items[(turn * 7 + place) % len(items)],
             "event": "view", "event_id": f"bench-{turn}-{place}", "timestamp": 1_700_000_000 + turn}
            for place in range(BATCH)
        ]  # fmt: skip
        return recommender.record(rows)

    def recommend(turn: int) -> Any:
        return recommender.recommend(users[turn % len(users)], limit=10)

    return {
        f"record {BATCH} events": record,
        "sequence": lambda _: store.sequence(),
        "refresh after them": lambda _: recommender.live.refresh(),
        "refresh, nothing new": lambda _: recommender.live.refresh(),
        "recommend": recommend,
    }


def timed(runs: dict[str, dict[str, Callable[[int], object]]], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return the milliseconds of each run in each store; a first round is not counted."""
    found: dict[str, dict[str, list[float]]] = {what: {name: [] for name in NAMES} for what in runs["sqlite"]}
    for turn in range(rounds + 1):
        for what, by_name in found.items():
            for name in NAMES if turn % 2 else reversed(NAMES):
                begun = time.perf_counter()
                runs[name][what](turn)
                by_name[name].append((time.perf_counter() - begun) * 1e3)
    return {what: {name: times[1:] for name, times in by_name.items()} for what, by_name in found.items()}


def main(arguments: list[str]) -> None:
    """Print the figures of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, help="Built; it is only read, and noted as backed up.")
    parser.add_argument("url", help="postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE?schema=NEW")
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        opened = both(options.workspace, Path(name), options.url)
        found = timed({name: runs_of(recommender) for name, recommender in opened.items()}, options.rounds)
        for recommender in opened.values():
            recommender.workspace.store.close()
    for what, by_name in found.items():
        told = (
            f"{name} {np.median(times):.3f} (p95 {np.percentile(times, 95):.3f})" for name, times in by_name.items()
        )
        ratio = np.median(by_name["postgresql"]) / np.median(by_name["sqlite"])
        print(f"{what:22}", *told, f"ratio {ratio:.2f}", sep="  ")


if __name__ == "__main__":
    main(sys.argv[1:])
