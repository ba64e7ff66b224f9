"""Measure what idle and slow connections do to others: answers with none of them, and with thousands, in one run.

Idle connections send nothing; half of the slow ones send a head, the other half a body, a byte at a time. The service
has room and time for all of them, so that what is measured is how it holds them and not how it ends them.
"""

import asyncio
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from plait.service.connections import OTHER_FILES, allow_files
from scripts.figures import Json, print_figures
from scripts.load import Loaded, Plan, joined, loaded, start_load
from scripts.served import memory, served, set_service
from scripts.worded_catalogue import build_worded, titles

ITEMS, USERS, EVENTS = 2_000, 200, 50
SETTLE = 3.0
ROOM = "max_connections = 20000\nheader_seconds = 3600\nbody_seconds = 3600"
HEAD = b"GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: "
BODY = b"POST /v1/search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
TRICKLE = 1.0
"""Seconds between the bytes of a slow connection."""
AT_ONCE = 100
"""Connections that are opened at a time: more than the queue of a listener holds would be dropped."""


async def hold(host: str, port: int, idle: int, slow: int) -> None:
    """Hold connections until this process is ended; say each second how many are open, and how many were ended."""
    counts: Counter[str] = Counter()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(begins: bytes) -> None:
        async with gate:
            reader, writer = await asyncio.open_connection(host, port)
        counts["open"] += 1
        ended = asyncio.ensure_future(reader.read(1))
        writer.write(begins)
        while not ended.done():
            writer.write(b"x" if begins else b"")
            await asyncio.wait([ended], timeout=TRICKLE if begins else None)
        counts["open"] -= 1
        counts["ended"] += 1

    async def tell() -> None:
        while True:
            await asyncio.sleep(1)
            print(json.dumps(counts), flush=True)

    kinds = [b""] * idle + [HEAD, BODY] * (slow // 2)
    await asyncio.gather(tell(), *(one(begins) for begins in kinds))


@contextmanager
def held(address: str, idle: int, slow: int) -> Iterator[Callable[[], dict[str, int]]]:
    """Hold connections by a process of its own; what is given tells how many there are now."""
    command = [sys.executable, "-m", "scripts.bench_connections", "--hold", address]
    command += ["--idle", str(idle), "--slow", str(slow)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told: dict[str, int] = {}

        def read() -> None:
            for line in process.stdout or ():
                told.update(json.loads(line))

        reader = threading.Thread(target=read)
        reader.start()
        try:
            while told.get("open", 0) + told.get("ended", 0) < idle + slow:
                if process.poll() is not None:
                    raise RuntimeError(f"the connections could not be opened; exit code {process.returncode}")
                time.sleep(0.1)
            yield told.copy
        finally:
            process.kill()
            reader.join()


def compare(workspace: Path, idle: int, slow: int, turns: int, plan: Plan) -> Iterator[dict[str, Any]]:
    """Load a service quietly, and with connections held, in turns."""
    found: dict[str, list[Loaded]] = {"quiet": [], "held": []}
    sizes: list[int] = []
    with served(workspace) as (process, address):
        asked = replace(plan, address=address)
        loaded(start_load(asked))
        for turn in range(turns):
            found["quiet"].append(loaded(start_load(replace(asked, seed=turn))))
            before = memory(process.pid)["resident"]
            with held(address, idle, slow) as counts:
                sizes.append(memory(process.pid)["resident"] - before)
                found["held"].append(loaded(start_load(replace(asked, seed=turn))))
                last = counts()
            # They are gone before the next quiet turn.
            time.sleep(SETTLE)
    for what, some in found.items():
        yield {"phase": what, **joined(some).told()}
    p99 = {what: np.percentile(joined(some).milliseconds["recommend"], 99) for what, some in found.items()}
    yield {
        "idle": idle, "slow": slow, "open_at_the_end": last["open"], "ended": last.get("ended", 0),
        "p99_ratio": round(p99["held"] / p99["quiet"], 2), "kb_each_first": round(sizes[0] / (idle + slow) / 1024, 1),
    }  # fmt: skip


def main(
    workspace: Annotated[Path | None, typer.Argument(help="A workspace, made where it is absent.")] = None,
    idle: Annotated[int, typer.Option(help="Connections that send nothing.")] = 10_000,
    slow: Annotated[int, typer.Option(help="Connections that send a byte a second.")] = 200,
    turns: Annotated[int, typer.Option(help="Turns of both.")] = 3,
    seconds: Annotated[float, typer.Option(help="Seconds of a turn of each.")] = 20,
    rate: Annotated[float, typer.Option(help="Requests a second of those that are not slow.")] = 20,
    hold_at: Annotated[str, typer.Option("--hold", hidden=True, help="Only hold connections to this address.")] = "",
    as_json: Json = False,
) -> None:
    """Print p50 and p99 in milliseconds, errors, the ratio of p99, and the memory of a connection."""
    allow_files()
    if hold_at:
        host, port = hold_at.removeprefix("http://").split(":")
        asyncio.run(hold(host, int(port), idle, slow))
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - OTHER_FILES
    if idle + slow > most:
        raise typer.BadParameter(f"{idle} idle and {slow} slow; expected at most {most}, as this machine opens files")
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "workspace"
        if workspace is None:
            build_worded(copy, ITEMS, USERS, EVENTS, budget="30s", seed=0)
        else:
            shutil.copytree(workspace, copy)
        set_service(copy, ROOM)
        texts = [title.rsplit(" ", 3)[0] for title in titles(ITEMS, np.random.default_rng(0))]
        plan = Plan("", seconds, texts, USERS, ITEMS, connections=8, rate=rate)
        print_figures(compare(copy, idle, slow, turns, plan), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
