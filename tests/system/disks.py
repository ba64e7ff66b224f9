"""A small disk that can be filled, and one that nothing can be written to."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

BLOCK = 4096
SIZE = "20m"


def mounted(place: Path, *options: object) -> None:
    """Mount something at `place`; skips the test, with the reason, where that is not allowed."""
    if shutil.which("mount") is None:
        pytest.skip("this machine has no mount")
    made = subprocess.run(["mount", *map(str, options), str(place)], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"nothing can be mounted here: {made.stderr.strip()}")


def unmount(place: Path) -> None:
    """Take away what was mounted; processes that were killed may still hold it for a moment."""
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, *, room: int) -> Path:
    """Fill a disk until `room` bytes are left, and return the file that does it."""
    file, state = disk / "fill", os.statvfs(disk)
    size = max(state.f_bavail * state.f_frsize - room, 0) // BLOCK * BLOCK
    with file.open("wb") as stream:
        for _ in range(size // BLOCK):
            stream.write(bytes(BLOCK))
    return file


def empty(disk: Path) -> None:
    """Remove all that is on a disk."""
    for path in disk.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
