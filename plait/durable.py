"""Durable: files that are on the disk, and not only on their way there, when the call returns."""

import os
from pathlib import Path


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
