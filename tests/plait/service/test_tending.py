"""`plait serve --tend`: one process more, begun again where it dies, and ended with the service."""

import os
import signal
import time
from pathlib import Path

import pytest

from plait.recall_file import FILE, read_recall
from scripts.served import served
from tests.waiting import eventually

pytestmark = pytest.mark.system


def tending(parent: int) -> list[int]:
    """Return the ids of the processes that tend, children of one process."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            continue
        if int(words[1]) == parent and words[0] != "Z" and b"tend" in command:
            found.append(int(entry.name))
    return found


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_tends_and_is_begun_again(own: Path, tmp_path: Path, workers: str) -> None:
    log, index = tmp_path / "log", own / "index"
    with served(own, "--tend", "--workers", workers, log=log) as (process, _):
        eventually(lambda: len(tending(process.pid)) == 1, seconds=120, told=log.read_text)
        (first,) = tending(process.pid)
        os.kill(first, signal.SIGKILL)
        (index / FILE).unlink(missing_ok=True)
        # The killed one is among them for a moment.
        eventually(lambda: set(tending(process.pid)) - {first} != set(), seconds=120, told=log.read_text)
        (second,) = set(tending(process.pid)) - {first}
        # It holds the lease and has done its duties once the recall of the index is measured.
        eventually(lambda: read_recall(index) is not None, seconds=120, told=log.read_text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not (Path("/proc") / str(second)).exists()
    assert '"event": "tending ended"' in log.read_text()
    assert "Traceback" not in log.read_text()


def test_without_it_nothing_tends(own: Path, tmp_path: Path) -> None:
    with served(own, log=tmp_path / "log") as (process, _):
        time.sleep(2)
        assert not tending(process.pid)
