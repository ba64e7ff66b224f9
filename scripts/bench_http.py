"""Measure the service under a mixed load: 70 % recommendations, 20 % events, 10 % searches by words, over HTTP.

A catalogue of drawn words, encoded by the text encoder (384 dimensions), trained on planted tastes; `plait serve` with
each number of workers, asked by a process of its own: as much as goes, then at half of that. Then, in turns within this
run: batching on and off, two workers and one, threads of workers, and searches beside the bare encoder.
"""

import os
import re
import shutil
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from embedders.items import Strand
from plait.flows.search import Query, encode_queries
from plait.workspace import Workspace
from scripts.figures import Json, Seed, print_figures
from scripts.load import Loaded, Plan, joined, loaded, start_load
from scripts.served import memory, processor_seconds, served, set_service, workers_of
from scripts.worded_catalogue import build_worded, titles

USERS, EVENTS = 1_000, 200
SUM = re.compile(r"^plait_(\w+)_seconds_sum(\{.*\})? (\S+)$", re.MULTILINE)
WARM = 15.0
MB = 1_000_000
How = tuple[str, int, dict[str, str]]
"""Lines of `[service]`, workers, and variables of the environment of a service."""
ALL = str(os.cpu_count())
COMPARED: tuple[dict[str, How], ...] = (
    {"answered alone": ("batch = 1", 1, {}), "answered together": ("", 1, {})},
    {"1 worker": ("", 1, {}), "2 workers": ("", 2, {})},
    {"systems solved by all cores": ("", 1, {"OPENBLAS_NUM_THREADS": ALL}), "by the thread that asks": ("", 1, {})},
    {"words read, vectors scanned by all cores": ("", 1, {"OMP_NUM_THREADS": ALL}), "by one": ("", 1, {})},
)


def stage_seconds(address: str) -> dict[str, float]:
    """Return the sums of every histogram of seconds that the process which answers has."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=30) as answer:  # noqa: S310 - an own service
        text = answer.read().decode()
    return {name + (labels or ""): float(value) for name, labels, value in SUM.findall(text)}


def shares(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Return what each sum grew by, as a share of what all requests took."""
    grown = {name: value - before.get(name, 0.0) for name, value in after.items()}
    whole = sum(value for name, value in grown.items() if name.startswith("request{")) or 1.0
    return {name: round(value / whole, 3) for name, value in sorted(grown.items()) if value / whole >= 0.005}


def under_load(plan: Plan, pid: int) -> tuple[Loaded, dict[str, Any]]:
    """Load a service; return what was seen, and figures of it and of the service's processes."""
    workers = workers_of(pid)
    before, used = stage_seconds(plan.address), sum(map(processor_seconds, workers))
    sizes = [sum(memory(one)["own"] for one in workers)]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(plan.seconds / 10):
            sizes.append(sum(memory(one)["own"] for one in workers))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        seen = loaded(start_load(plan))
    finally:
        ended.set()
        watcher.join()
    taken = sum(map(processor_seconds, workers)) - used
    figures = {
        "seconds": round(seen.seconds), **seen.told(), "service_cores": round(taken / seen.seconds, 2),
        "processor_ms_each": round(1e3 * taken / seen.seconds / seen.a_second, 1),
        "own_mb": [round(size / MB) for size in sizes], "stages": shares(before, stage_seconds(plan.address)),
    }  # fmt: skip
    return seen, figures


def mixed(workspace: Path, plan: Plan, workers: int, scratch: Path) -> Iterator[dict[str, Any]]:
    """Serve a copy of a workspace; load it with all that goes, and for a tenth of the time with half of that."""
    copy = Path(shutil.copytree(workspace, scratch / f"workers-{workers}"))
    with served(copy, "--workers", str(workers), log=scratch / f"workers-{workers}.log") as (process, address):
        loaded(start_load(replace(plan, address=address, seconds=WARM)))
        seen, figures = under_load(replace(plan, address=address, seed=1), process.pid)
        yield {"phase": "mixed", "workers": workers, **figures}
        half = replace(plan, address=address, seconds=max(plan.seconds / 10, 10), rate=seen.a_second / 2, seed=2)
        _, figures = under_load(half, process.pid)
        yield {"phase": "mixed, half of it", "workers": workers, **figures}
    shutil.rmtree(copy)


def compared(
    workspace: Path, plan: Plan, how: Mapping[str, How], turns: int, seconds: float, scratch: Path
) -> Iterator[dict[str, Any]]:
    """Load two services with different settings in turns, the first of them being what the other is compared to."""
    found: dict[str, list[Loaded]] = {name: [] for name in how}
    taken = dict.fromkeys(how, 0.0)
    with ExitStack() as stack:
        places = {}
        for name, (settings, workers, environment) in how.items():
            copy = Path(shutil.copytree(workspace, scratch / name.replace(" ", "-")))
            set_service(copy, settings)
            service = served(copy, "--workers", str(workers), environment=environment)
            process, address = stack.enter_context(service)
            places[name] = address, workers_of(process.pid)
        for turn in range(-1, turns):
            for name in list(how)[:: 1 if turn % 2 else -1]:
                address, pids = places[name]
                before = sum(map(processor_seconds, pids))
                seen = loaded(start_load(replace(plan, address=address, seconds=seconds, seed=10 + turn)))
                if turn >= 0:
                    found[name].append(seen)
                    taken[name] += sum(map(processor_seconds, pids)) - before
    for name, some in found.items():
        answers = sum(map(len, joined(some).milliseconds.values()))
        yield {"phase": name, **joined(some).told(), "processor_ms_each": round(1e3 * taken[name] / answers, 1)}
    rates = [[one.a_second for one in some] for some in found.values()]
    yield {"phase": " to ".join(list(how)[::-1]), "by_turn": [round(b / a, 2) for a, b in zip(*rates, strict=True)]}


def beside_encoder(workspace: Path, plan: Plan, turns: int, seconds: float) -> Iterator[dict[str, Any]]:
    """Search by words over HTTP, alone and 16 at a time, in turns with the encoder in this process, alone and by 32."""
    opened = Workspace.open(workspace)
    found: dict[str, list[tuple[float, float]]] = {}
    searching = replace(plan, seconds=seconds, shares=(0.0, 0.0, 1.0))
    with served(workspace) as (_, address):
        for turn in range(-1, turns):
            for together in (1, 32):
                rates = encoded(opened, plan.texts, together, seconds, turn)
                found.setdefault(f"encoder, by {together}", []).append(rates)
            for connections in (1, plan.connections):
                only = replace(searching, address=address, connections=connections, seed=20 + turn)
                seen = loaded(start_load(only))
                rates = seen.a_second, float(np.median(seen.milliseconds["search"]))
                found.setdefault(f"search, {connections} at a time", []).append(rates)
    for name, each in found.items():
        a_second, median = np.median(np.asarray(each[1:]), axis=0)
        yield {"phase": "encoder", "what": name, "a_second": round(a_second, 1), "p50": round(median, 2)}


def encoded(opened: Workspace, texts: list[str], together: int, seconds: float, turn: int) -> tuple[float, float]:
    """Return how many texts a second the encoder reads, and the median milliseconds of one call."""
    taken: list[float] = []
    began, place = time.perf_counter(), 7 * turn
    while time.perf_counter() - began < seconds:
        some = [Query(text=texts[(place + one) % len(texts)]) for one in range(together)]
        place += together
        start = time.perf_counter()
        rows = encode_queries(opened, some)[Strand.TEXT]
        taken.append(time.perf_counter() - start)
        assert rows.any(axis=1).all()
    return together * len(taken) / sum(taken), 1e3 * float(np.median(taken))


def main(
    workspace: Annotated[Path | None, typer.Option(help="A workspace of an earlier run; made there if absent.")] = None,
    items: Annotated[int, typer.Option(help="Number of items.")] = 100_000,
    minutes: Annotated[float, typer.Option(help="How long the mixed load goes on, for each number of workers.")] = 10,
    workers: Annotated[list[int] | None, typer.Option(help="Numbers of workers; 1 and 2.")] = None,
    connections: Annotated[int, typer.Option(help="Requests at a time.")] = 16,
    turns: Annotated[int, typer.Option(help="Turns of what is compared; 0 compares nothing.")] = 4,
    turn_seconds: Annotated[float, typer.Option(help="Seconds of a turn of each.")] = 15,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Print throughput, p50 and p99 in milliseconds by kind, errors, memory by tenths of the time, and stages."""
    texts = [title.rsplit(" ", 3)[0] for title in titles(items, np.random.default_rng(seed))][:5_000]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        folder = workspace or scratch / "workspace"
        if not folder.exists():
            build_worded(folder, items, USERS, EVENTS, budget="90s", seed=seed)
        plan = Plan("", 60 * minutes, texts, USERS, items, connections)

        def figures() -> Iterator[dict[str, Any]]:
            for count in workers or (1, 2):
                yield from mixed(folder, plan, count, scratch)
            if turns:
                for how in COMPARED:
                    yield from compared(folder, plan, how, turns, turn_seconds, scratch)
                yield from beside_encoder(folder, plan, turns, turn_seconds)

        print_figures(figures(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
