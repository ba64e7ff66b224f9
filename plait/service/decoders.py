"""Decoders: processes that decode what strangers send, so that none of it is decoded in the service's own."""

import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import embedders
from embedders.decoding_process import READY, Bounds
from embedders.items import Strand
from embedders.media import MediaError
from embedders.raw_media import Numbers, head_raw
from plait.errors import BadData

LOGGER = logging.getLogger("plait.service")
PROGRAM = (sys.executable, "-P", "-m", "embedders.decoding_process")
MOST_JOBS = 500
"""How many media a process decodes before another one takes its place."""
START_SECONDS = 60.0
MOST_ANSWER = 10_000
MOST_REASON = 200
"""Bytes of an answer, and characters of what it says against a medium."""
KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG")
"""What a process is told of the environment: no secret that stands there."""


class Gone(Exception):  # noqa: N818 - what became of the process
    """A process that does not answer, and why in a few words."""


class Decoder:
    """One process that decodes one medium at a time."""

    def __init__(self, program: Sequence[str], bounds: Bounds) -> None:
        """Start it, and do not wait. Raises OSError where the system lets no process begin."""
        package = str(Path(embedders.__file__).parent.parent)
        paths = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - the program is ours
            [*program, bounds.to_json()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        self._bounds = bounds
        self._ready = False
        self.jobs = 0

    @property
    def process_id(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it is there no more."""
        return self._process.poll() is not None

    def decode(self, source: str, target: str, strand: Strand) -> None:
        """Decode one medium to a file. Raises MediaError, BadData where it never began, Gone where it fails."""
        if not self._ready:
            try:
                self._ready = self._line(START_SECONDS) == READY
            except Gone as error:
                raise BadData(f"the process that decodes {error} before it began") from error
        self.jobs += 1
        stdin = self._pipe(self._process.stdin)
        try:
            stdin.write(json.dumps({"source": source, "target": target, "strand": strand.value}).encode() + b"\n")
            stdin.flush()
        except OSError as error:
            raise Gone("ended") from error
        numbers = _numbers(self._line(self._bounds.seconds), source)
        head_raw(target, strand, numbers, self._bounds.limits)

    def stop(self) -> None:
        """End it, and leave nothing of it behind."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                self._pipe(pipe).close()

    def _line(self, seconds: float) -> bytes:
        """Return the next line that it says. Raises Gone."""
        descriptor, told, until = self._pipe(self._process.stdout).fileno(), b"", time.monotonic() + seconds
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while not told.endswith(b"\n"):
            if not poll.poll(max(0.0, until - time.monotonic()) * 1e3):
                raise Gone(f"took longer than {seconds:g} s")
            part = os.read(descriptor, MOST_ANSWER)
            if not part or len(told) > MOST_ANSWER:
                raise Gone("ended")
            told += part
        return told

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _numbers(line: bytes, source: str) -> Numbers:
    """Return what a process says of a medium. Raises MediaError where it refuses it, Gone for what makes no sense."""
    try:
        told = json.loads(line)
        refused = told.get("refused")
        if refused is None:
            first, second = (int(number) for number in told["numbers"])
            return first, second
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Gone("makes no sense") from error
    raise MediaError(source, str(refused)[:MOST_REASON])


class Decoders:
    """So many processes, begun ahead; one that fails, hangs, or has done its jobs is replaced by a new one."""

    def __init__(self, count: int, bounds: Bounds, program: Sequence[str] = PROGRAM) -> None:
        self._bounds = bounds
        self._program = program
        self._lock = threading.Lock()
        self._places = threading.Semaphore(count)
        self._free: deque[Decoder | None] = deque([None] * count)
        self._all: set[Decoder] = set()
        self._closed = False

    @property
    def process_ids(self) -> list[int]:
        """The numbers of the processes that there are now."""
        with self._lock:
            return sorted(decoder.process_id for decoder in self._all)

    def begin(self) -> None:
        """Start the processes that there are none of yet."""
        for _ in range(len(self._free)):
            with self._places:
                self._free.appendleft(self._free.pop() or self._successor(None))

    def decoded(self, source: Path, strand: Strand) -> Path:
        """Decode a medium to a file in a folder beside it and return that; few at a time, others wait.

        Raises MediaError for what is no medium, and for one at which the process fails; BadData where none can begin.
        """
        # Of the same name, for what is said of it later: in a folder of its own.
        target = source.parent / "raw" / source.name
        target.parent.mkdir(exist_ok=True)
        with self._places:
            decoder, fit = self._free.pop(), False
            try:
                if decoder is None or decoder.ended:
                    decoder = self._successor(decoder)
                if decoder is None:
                    raise BadData("no process that decodes can be begun")
                decoder.decode(str(source), str(target), strand)
                fit = decoder.jobs < MOST_JOBS
            except MediaError:
                fit = True
                raise
            except Gone as error:
                LOGGER.warning("a decoder was replaced", extra={"fields": {"strand": strand.value, "it": str(error)}})
                raise MediaError(str(source), f"cannot be decoded: the decoder {error}") from error
            finally:
                self._free.append(decoder if fit else self._successor(decoder))
        return target

    def close(self) -> None:
        """End all processes; what they are at fails."""
        with self._lock:
            self._closed, ending = True, list(self._all)
            self._all.clear()
        for decoder in ending:
            decoder.stop()

    def _successor(self, former: Decoder | None) -> Decoder | None:
        """End a process and begin another one; None where there can be none now, or is to be none any more."""
        with self._lock:
            if former is not None:
                self._all.discard(former)
                former.stop()
            if self._closed:
                return None
            try:
                decoder = Decoder(self._program, self._bounds)
            except OSError as error:
                LOGGER.warning("no decoder can be begun", extra={"fields": {"it": error.strerror}})
                return None
            self._all.add(decoder)
            return decoder
