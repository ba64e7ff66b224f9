"""Measure how fast events are recorded, durably, beside raw SQLite, and how soon an answer knows them.

A toy workspace without content is made in a temporary folder, beside the disk of `--folder`. Runs of both sides are
interleaved; a ratio is that of the medians. Raw SQLite inserts the same rows in the same batches, with WAL and
synchronous=FULL, into a table with the same indexes.
"""

import argparse
import multiprocessing
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.schema import CreateIndex, CreateTable

from plait.recommender import Recommender
from plait.records import Event
from plait.store import Store, schema
from plait.store.event_changes import INSERT
from plait.store.rows import event_row

ITEMS = 1_000
BATCH, SMALL_BATCH, THREADS = 100, 10, 8
Table = list[dict[str, Any]]


def batches_of(count: int, size: int, seed: int) -> list[Table]:
    """Return `count` batches of `size` events, each with an event_id of its own."""
    rng = np.random.default_rng(seed)
    users, items = rng.integers(0, 5_000, (count, size)), rng.integers(0, ITEMS, (count, size))
    now = time.time() - count
    return [
        [
            {"user_id": f"u{users[b, e]}", "item_id": f"i{items[b, e]}", "event": "click", "timestamp": now + b,
             "event_id": f"{seed}-{b}-{e}", "session_id": f"s{users[b, e]}"}
            for e in range(size)
        ]
        for b in range(count)
    ]  # fmt: skip


def made(folder: Path) -> Recommender:
    """Return a workspace of ITEMS items with own vectors."""
    vectors = folder / "vectors.npy"
    np.save(vectors, np.random.default_rng(0).normal(size=(ITEMS, 16)).astype(np.float32))
    items = [{"item_id": f"i{number}", "title": f"Item {number}"} for number in range(ITEMS)]
    return Recommender.build(folder / "workspace", items=items, vectors={"text": vectors})


def raw_seconds(path: Path, batches: Sequence[Table]) -> float:
    """Return how long raw SQLite takes to insert the rows, one transaction a batch."""
    events = [[Event(**event) for event in batch] for batch in batches]
    rows = [[(*event_row(event), event.identity) for event in batch] for batch in events]
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(str(CreateTable(schema.events, if_not_exists=True)))
    for index in sorted(schema.events.indexes, key=lambda index: str(index.name)):
        connection.execute(str(CreateIndex(index, if_not_exists=True)))
    sequence = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    began = time.perf_counter()
    for batch in rows:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, [(*row, sequence + place) for place, row in enumerate(batch)])
        connection.execute("COMMIT")
        sequence += len(batch)
    taken = time.perf_counter() - began
    connection.close()
    return taken


def recorded_seconds(record: Callable[[Table], object], batches: Sequence[Table], threads: int = 1) -> float:
    """Return how long `threads` take to record the batches, each its share."""

    def work(mine: Sequence[Table]) -> None:
        for batch in mine:
            record(batch)

    workers = [threading.Thread(target=work, args=(batches[start::threads],)) for start in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - began


def alone(store: Store, batch: Table) -> None:
    """Record a batch in a transaction of its own."""
    with store.write() as change:
        change.record([Event(**event) for event in batch])


def throughput(recommender: Recommender, folder: Path, runs: int, count: int) -> None:
    """Print events a second of one thread in batches of BATCH, raw and recorded."""
    grown, empty, recorded = [], [], []
    for run in range(runs):
        batches = batches_of(count, BATCH, run)
        # A file that has the rows of all runs so far, as the store has, and one that begins empty.
        grown.append(count * BATCH / raw_seconds(folder / "raw.db", batches))
        empty.append(count * BATCH / raw_seconds(folder / f"raw-{run}.db", batches))
        recorded.append(count * BATCH / recorded_seconds(recommender.record, batches))
    _compare(f"batches of {BATCH}", "raw SQLite of as many rows", grown, "record", recorded)
    _compare(f"batches of {BATCH}", "raw SQLite, empty", empty, "record", recorded)


def group_commit(store: Store, runs: int, count: int) -> None:
    """Print events a second of THREADS threads in batches of SMALL_BATCH, each alone and in groups."""
    apart, grouped = [], []
    for run in range(runs):
        size = count * SMALL_BATCH
        batches = batches_of(count, SMALL_BATCH, 1_000 + 2 * run)
        apart.append(size / recorded_seconds(lambda batch: alone(store, batch), batches, THREADS))
        batches = batches_of(count, SMALL_BATCH, 1_001 + 2 * run)
        grouped.append(
            size / recorded_seconds(lambda batch: store.record([Event(**e) for e in batch]), batches, THREADS)
        )
    _compare(f"{THREADS} threads, batches of {SMALL_BATCH}", "each alone", apart, "group commit", grouped)


def _compare(what: str, base: str, slow: Sequence[float], other: str, fast: Sequence[float]) -> None:
    first, second = statistics.median(slow), statistics.median(fast)
    print(f"{what}: {base} {first:,.0f} events/s, {other} {second:,.0f} events/s, ratio {second / first:.2f}")


def _other_process(workspace: Path, asked: Any, told: Any) -> None:
    """Record what is asked for, and say when it was durable."""
    recommender = Recommender.open(workspace)
    for row in iter(asked.get, None):
        recommender.record([row])
        told.put(time.monotonic())


def freshness(recommender: Recommender, workspace: Path, count: int) -> None:
    """Print the p99 of the time from recorded to no longer recommended, in this process and from another."""
    context = multiprocessing.get_context("spawn")
    asked, told = context.Queue(), context.Queue()
    other = context.Process(target=_other_process, args=(workspace, asked, told), daemon=True)
    other.start()
    for name, crossing in (("same process", False), ("across processes", True)):
        taken = []
        for number in range(count + 1):
            user_id = f"{name}-{number}"
            top = recommender.recommend(user_id, limit=1).items[0].item_id
            row = {"user_id": user_id, "item_id": top, "event": "like"}
            if crossing:
                asked.put(row)
                began = told.get()
            else:
                recommender.record([row])
                began = time.monotonic()
            while recommender.recommend(user_id, limit=1).items[0].item_id == top:
                pass
            taken.append(time.monotonic() - began)
        # The first one loads what later ones find loaded.
        p50, p99 = np.percentile(taken[1:], [50, 99]) * 1_000
        print(f"freshness, {name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {count} events")
    asked.put(None)
    other.join()


def main() -> None:
    """Run all three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="Where the temporary folder is made: the disk that is measured.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--batches", type=int, default=200, help="Batches a run.")
    parser.add_argument("--fresh", type=int, default=300, help="Events a freshness is measured on.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        recommender = made(folder)
        throughput(recommender, folder, chosen.runs, chosen.batches)
        with Store.open(folder / "workspace" / "store.db") as store:
            group_commit(store, chosen.runs, chosen.batches * 4)
        freshness(recommender, folder / "workspace", chosen.fresh)


if __name__ == "__main__":
    main()
