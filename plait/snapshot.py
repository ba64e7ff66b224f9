"""Snapshots: numbered folders of derived state, published by one atomic pointer."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.errors import BadData

FORMAT = 1
MANIFEST = "manifest.json"
POINTER = "CURRENT"
UNFINISHED = "unfinished-"
KEPT = 3
"""Snapshots that stay beside the current one, for readers that still hold them and for a look back."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published folder and what its manifest says.

    `sequence` is the last change of the store that it contains; `encoders` the fingerprint of each strand's
    encoder; `files` size and sha256 of each file by its path within the folder.
    """

    number: int
    path: Path
    sequence: int
    encoders: Mapping[str, str]
    details: Mapping[str, Any]
    files: Mapping[str, tuple[int, str]]


def current(folder: Path) -> Snapshot | None:
    """Return the snapshot that CURRENT names, None before the first. Raises BadData for a broken manifest."""
    number = current_number(folder)
    return None if number is None else _read(folder, number)


def current_number(folder: Path) -> int | None:
    """Return the number that CURRENT names; cheap enough to ask before each answer."""
    try:
        return int((folder / POINTER).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BadData(f"{folder / POINTER} names no snapshot: expected a number") from error


def publish(
    folder: Path,
    write: Callable[[Path], None],
    *,
    sequence: int,
    encoders: Mapping[str, str],
    details: Mapping[str, Any],
) -> Snapshot:
    """Let `write` fill a folder, make it durable, and point CURRENT to it. The caller holds the lease.

    A reader sees the old snapshot or the new one, whole; a writer killed at any moment leaves the old one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _clean(folder)
    numbers = _numbers(folder)
    number = max(numbers, default=0) + 1
    unfinished = folder / f"{UNFINISHED}{number:06d}"
    unfinished.mkdir()
    write(unfinished)
    files = {str(path.relative_to(unfinished)): _seal(path) for path in sorted(unfinished.rglob("*")) if path.is_file()}
    manifest = {
        "format": FORMAT,
        "sequence": sequence,
        "created_at": time.time(),
        "encoders": dict(encoders),
        "details": dict(details),
        "files": {name: {"size": size, "sha256": digest} for name, (size, digest) in files.items()},
    }
    _write_durably(unfinished / MANIFEST, json.dumps(manifest, indent=1))
    _sync(unfinished)
    unfinished.rename(folder / f"{number:06d}")
    _sync(folder)
    _write_durably(folder / f"{POINTER}.new", str(number))
    (folder / f"{POINTER}.new").replace(folder / POINTER)
    _sync(folder)
    for old in numbers[:-KEPT]:
        shutil.rmtree(folder / f"{old:06d}")
    return _read(folder, number)


def verify(snapshot: Snapshot) -> list[str]:
    """Return one line for each file that is missing, or has another size or checksum."""
    problems = []
    for name, (size, digest) in snapshot.files.items():
        path = snapshot.path / name
        if not path.is_file():
            problems.append(f"{path} is missing")
        elif path.stat().st_size != size:
            problems.append(f"{path} has {path.stat().st_size} bytes; expected {size}")
        elif _digest(path) != digest:
            problems.append(f"{path} does not match its checksum")
    return problems


def _read(folder: Path, number: int) -> Snapshot:
    path = folder / f"{number:06d}"
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] > FORMAT:
            raise BadData(f"{path} has format {manifest['format']}; this Plait knows up to {FORMAT}: upgrade Plait")
        files = {name: (entry["size"], entry["sha256"]) for name, entry in manifest["files"].items()}
        if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
            raise BadData(f"{path / MANIFEST} names a file outside the snapshot")
        return Snapshot(number, path, manifest["sequence"], manifest["encoders"], manifest["details"], files)
    except (OSError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise BadData(f"{path / MANIFEST} cannot be read as a manifest: {error}") from error


def _numbers(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())


def _clean(folder: Path) -> None:
    """Remove what a killed writer left unfinished."""
    for path in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path)


def _seal(path: Path) -> tuple[int, str]:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    return path.stat().st_size, _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
