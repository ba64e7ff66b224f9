"""ChildTraining: a training in a process of its own, the least of all, within a time and a memory."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plait.own_process import command_of, environment

NICE = 19
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LOOK_SECONDS = 0.05
OVERTIME, GRACE = 2.0, 60.0
"""A training keeps to its budget itself; at so many times the budget and so many seconds more it is stopped."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training ended: its `report`, or the `problem` in one line."""

    report: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


class ChildTraining:
    """A running `plait train`; what it would publish is its own to publish, and a crash is its own.

    A thread looks at its memory (the resident set; none is measured without /proc) and its time.
    """

    def __init__(self, workspace: Path, arguments: Sequence[str], *, seconds: float, memory: int) -> None:
        """Start it with arguments of `plait train`; it may take about `seconds`, and hold `memory` bytes."""
        self._seconds, self._memory = seconds, memory
        command = command_of("train", str(workspace.resolve()), *arguments, "--json")
        self._files = contextlib.ExitStack()
        told, said = (self._files.enter_context(tempfile.TemporaryFile()) for _ in range(2))  # noqa: SIM115 - entered
        self._told, self._said = told, said
        self._process = subprocess.Popen(  # noqa: S603 - the command is this program's
            command,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=said,
            env=environment() | dict.fromkeys(THREADS, "1"),
        )
        self._stopped, self._outcome = "", Outcome()
        self.peak = 0
        """The most bytes it was seen to hold."""
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
        self._thread = threading.Thread(target=self._watch, name="training", daemon=True)
        self._thread.start()

    @property
    def process_id(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def outcome(self, *, wait: bool = False) -> Outcome | None:
        """Return how it ended, None while it runs; with `wait` once it has ended."""
        if wait:
            self._thread.join()
        return None if self._thread.is_alive() else self._outcome

    def stop(self, reason: str = "stopped") -> None:
        """End it; what it has learnt stays for the next one to go on from."""
        self._stop(reason)
        self._thread.join()

    def _stop(self, reason: str) -> None:
        if self._process.poll() is None:
            self._stopped = reason
            self._process.kill()

    def _watch(self) -> None:
        """Wait for the end, and bring it about where a bound is passed."""
        latest = time.monotonic() + OVERTIME * self._seconds + GRACE
        while self._process.poll() is None:
            held = resident(self._process.pid)
            self.peak = max(self.peak, held)
            if held > self._memory:
                self._stop(f"stopped at {held:,} bytes of memory; [schedule] memory is {self._memory:,}")
            elif time.monotonic() > latest:
                self._stop(f"stopped {OVERTIME * self._seconds + GRACE:.0f} s after its start, long past its budget")
            time.sleep(LOOK_SECONDS)
        with self._files:
            self._outcome = self._ended()

    def _ended(self) -> Outcome:
        """Return how it ended, by what it printed."""
        for file in (self._told, self._said):
            file.seek(0)
        lines = self._said.read().decode("utf-8", "replace").splitlines()
        if self._stopped:
            return Outcome(problem=self._stopped)
        if self._process.returncode:
            return Outcome(problem=": ".join([f"ended with {self._process.returncode}", *lines[-1:]]))
        return Outcome(json.loads(self._told.read()))


def resident(process_id: int) -> int:
    """Return the bytes of memory that a process holds, 0 where that cannot be told."""
    try:
        pages = (Path("/proc") / str(process_id) / "statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
