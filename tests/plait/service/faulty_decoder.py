"""A decoder with real faults: what a medium says in its first line happens to the process that reads it."""

import ctypes
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from embedders.decoding_process import Bounds, serve
from embedders.items import Strand
from embedders.media_limits import MediaLimits
from embedders.raw_media import Numbers, write_raw

PROGRAM = (sys.executable, "-m", "tests.plait.service.faulty_decoder")


def _spin() -> None:
    while True:
        pass


def _fill_the_disk() -> None:
    with tempfile.TemporaryFile() as stream:
        while True:
            stream.write(b"x" * 1_000_000)


def _open_files() -> None:
    held = [open(os.devnull) for _ in range(1_000)]  # noqa: SIM115 - to hold them
    assert held


FAULTS: dict[bytes, Callable[[], object]] = {
    b"segfault": lambda: ctypes.string_at(0),
    b"abort": lambda: os.kill(os.getpid(), signal.SIGABRT),
    b"spin": _spin,
    b"sleep": lambda: time.sleep(600),
    b"memory": lambda: len(b"x" * (8 << 30)),
    b"disk": _fill_the_disk,
    b"files": _open_files,
    b"nonsense": lambda: os.write(3, b"[" * 5_000 + b"\n"),
}


def decode(source: str, target: str, strand: Strand, limits: MediaLimits) -> Numbers:
    """Do what the medium says, or decode it."""
    first, _, rest = Path(source).read_bytes().partition(b"\n")
    if first == b"lies":
        return 1_000_000, 1_000_000
    if first == b"network":
        return socket.create_connection(("127.0.0.1", int(rest)), timeout=5).fileno(), 1
    FAULTS.get(first, int)()
    return write_raw(source, target, strand, limits)


if __name__ == "__main__":
    serve(Bounds.from_json(sys.argv[1]), decode)
