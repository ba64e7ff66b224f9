"""The command that keeps a workspace in order by itself: tend."""

import json
import signal
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from plait.cli import options
from plait.errors import WrongCall

if TYPE_CHECKING:
    from plait.flows.tend import Said


def tend(
    workspace: options.Workspace,
    once: Annotated[bool, typer.Option("--once", help="Do each duty once, wait for what it begins, and end.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between turns.", metavar="SECONDS")] = 10.0,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Learn anew when tastes have changed or much was recorded, and compact the index, as plait.toml says.

    One process at a time does, until it is interrupted or asked to end (SIGTERM).
    """
    from plait.recommender import Recommender

    if not 0 < every < float("inf"):
        raise WrongCall(f"--every {every}: expected seconds above 0")
    stop = threading.Event()

    def tell(said: "Said") -> None:
        _print(said, as_json=as_json)

    before = signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        done = Recommender.open(workspace).tend(tell, once=once, every=every, seed=seed, stop=stop)
    finally:
        signal.signal(signal.SIGTERM, before)
    if once and not done:
        raise typer.Exit(1)


def _print(said: "Said", *, as_json: bool) -> None:
    """Print one line, at once: a JSON document with the time, or for people."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": now, **asdict(said)}, ensure_ascii=False)
    sys.stdout.write((line if as_json else f"{now} {said.duty}: {said.line}") + "\n")
    sys.stdout.flush()


COMMANDS = {"tend": tend}
