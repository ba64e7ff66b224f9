"""Shared metrics: a folder in which workers keep what they count, so that each of them can tell the sum."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client.multiprocess import mark_process_dead

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder to the Prometheus client, which looks for it when it is imported: workers inherit it."""


@contextmanager
def shared_by_workers() -> Iterator[Path]:
    """Let the processes that are begun in a block share what they count, in a folder that goes with it."""
    with TemporaryDirectory(prefix="plait-metrics-") as folder:
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before


def shared_folder() -> Path | None:
    """Return the folder, None where this process counts for itself."""
    folder = os.environ.get(VARIABLE)
    return Path(folder) if folder else None


def forget_dead(folder: Path) -> None:
    """Take out what processes that are gone said of themselves; what they have counted stays counted."""
    for number in {path.stem.rpartition("_")[2] for path in folder.glob("gauge_live*_*.db")}:
        if not _lives(int(number)):
            with suppress(FileNotFoundError):
                # Another worker may be doing the same.
                mark_process_dead(int(number), str(folder))


def _lives(process: int) -> bool:
    """Return whether a process runs; one that has ended, and that its parent has not asked after, does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False
