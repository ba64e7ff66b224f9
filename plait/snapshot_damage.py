"""Snapshot damage: snapshots that nothing can be read from, set aside for whoever wants to look; nothing reads them."""

import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

DAMAGED = "damaged-"
"""Before the number, in the name of a snapshot that was set aside, and behind the name of a file."""


def set_aside(folder: Path, numbers: Sequence[int], files: Sequence[str] = ()) -> str:
    """Rename snapshots, and files beside them, those that are there; return the mark that their names end in.

    The caller holds the lease. Killed between, what was not renamed is where it was.
    """
    mark = secrets.token_hex(4)
    for name in files:
        if (folder / name).exists():
            (folder / name).rename(folder / f"{name}.{DAMAGED}{mark}")
    for number in numbers:
        (folder / f"{number:06d}").rename(folder / f"{DAMAGED}{number:06d}-{mark}")
    return mark


def numbers_set_aside(folder: Path) -> list[int]:
    """Return the numbers of the snapshots that were set aside; none of them is used twice."""
    named = (path.name.removeprefix(DAMAGED).partition("-")[0] for path in folder.glob(f"{DAMAGED}*"))
    return sorted(int(number) for number in named if number.isdecimal())


def drop_set_aside(folder: Path) -> None:
    """Remove what was set aside, but for its numbers: an empty folder keeps each."""
    for path in folder.glob(f"{DAMAGED}*"):
        for inner in path.iterdir():
            shutil.rmtree(inner) if inner.is_dir() else inner.unlink()
