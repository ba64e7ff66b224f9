"""Durable: files that are on the disk, and not only on their way there, when the call returns."""

import os
import shutil
from pathlib import Path


def refusal(error: OSError) -> str:
    """Return what the disk said, in a few words; of many files that could not be copied, of the first."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list) and error.args[0]:
        return str(error.args[0][0][-1])
    return error.strerror or str(error)


def replace_text(path: Path, text: str) -> None:
    """Put a text in the place of a file: every reader sees the old one or the new one, whole."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
    sync(path.parent)


def sync_tree(folder: Path) -> None:
    """Flush every file and folder below `folder`, and itself."""
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Flush one file, or the names in one folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
