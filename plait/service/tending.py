"""Tending beside a service: one `plait tend`, a child of the process that was started, begun again if it ends."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from plait.own_process import command_of, environment

LOGGER = logging.getLogger("plait.service")
LOOK_SECONDS = 0.2
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds until it is begun again: each time twice as long, unless it has run for the longest one."""


@contextmanager
def tended(folder: Path, *, stop_seconds: float) -> Iterator[None]:
    """Let a workspace be tended while a block runs; a training that has begun is ended with it.

    What it says goes to standard error, a document a line, like the service's log. Another process may tend the
    workspace already: then it waits until that one's lease is free.
    """
    stopped = threading.Event()
    # Of now: what a service sets for itself later, as that an answer has one thread, is not for a training.
    keeper = threading.Thread(target=_keep, args=(folder, stopped, stop_seconds, environment()), name="tending")
    keeper.start()
    try:
        yield
    finally:
        stopped.set()
        keeper.join()


def _keep(folder: Path, stopped: threading.Event, stop_seconds: float, variables: Mapping[str, str]) -> None:
    """Begin it again and again until it is to stop."""
    wait = FIRST_WAIT
    while not stopped.is_set():
        child = subprocess.Popen(  # noqa: S603 - the command is this program's
            command_of("tend", str(folder.resolve()), "--json"),
            stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), env=variables,
        )  # fmt: skip
        ran = 0.0
        while child.poll() is None and not stopped.wait(LOOK_SECONDS):
            ran += LOOK_SECONDS
        if stopped.is_set():
            _end(child, stop_seconds)
            return
        wait = FIRST_WAIT if ran >= LONGEST_WAIT else wait
        fields = {"exit": child.returncode, "again_in_s": wait}
        LOGGER.warning("tending ended", extra={"fields": fields})
        stopped.wait(wait)
        wait = min(2 * wait, LONGEST_WAIT)


def _end(child: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Ask a process to end, and end it where it does not within some seconds."""
    child.terminate()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
