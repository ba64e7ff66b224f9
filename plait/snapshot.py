"""Snapshots: numbered folders of derived state, published by one atomic pointer."""

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from plait.durable import refusal, replace_text, sync, sync_tree
from plait.errors import BadData
from plait.snapshot_damage import numbers_set_aside
from plait.snapshot_moves import moves_of, note_move

FORMAT = 1
MANIFEST = "manifest.json"
POINTER = "CURRENT"
UNFINISHED = "unfinished-"
KEPT = 3
"""Snapshots that stay beside the new one and the one before, for readers that hold them and for a look back."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published folder and what its manifest says.

    `sequence` is the last change of the store that it contains; `encoders` the fingerprint of each strand's
    encoder; `files` size in bytes and sha256 of each file by its path within the folder; `created_at` is in Unix
    seconds.
    """

    number: int
    path: Path
    sequence: int
    created_at: float
    encoders: Mapping[str, str]
    details: Mapping[str, Any]
    files: Mapping[str, tuple[int, str]]


def current(folder: Path) -> Snapshot | None:
    """Return the snapshot that CURRENT names, None before the first.

    Raises BadData for a broken manifest, and for one of a format that only a newer Plait knows.
    """
    number = current_number(folder)
    return None if number is None else read(folder, number)


def current_number(folder: Path) -> int | None:
    """Return the number that CURRENT names; cheap enough to ask before each answer."""
    try:
        file = os.open(os.path.join(folder, POINTER), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return int(os.read(file, 32))
    except ValueError as error:
        raise BadData(f"{folder / POINTER} names no snapshot: expected a number") from error
    finally:
        os.close(file)


def publish(
    folder: Path,
    write: Callable[[Path], None],
    *,
    sequence: int,
    encoders: Mapping[str, str],
    details: Mapping[str, Any],
    fence: Callable[[], AbstractContextManager[object]] = nullcontext,
    keep: int = KEPT,
    answers: bool = True,
) -> Snapshot:
    """Let `write` fill a folder, make it durable, and point CURRENT to it. The caller holds the lease.

    Where it is not to be what `answers`, it gets its number, and CURRENT stays.

    A reader sees the old snapshot or the new one, whole; a writer killed at any moment leaves the old one. The
    pointer moves inside `fence()`, which raises where the lease was lost. The snapshot that was current before, those
    that were promoted and the last `keep` of the others stay.
    Raises BadData where the disk refuses; then nothing is published.
    """
    unfinished = folder / f"{UNFINISHED}{secrets.token_hex(8)}"
    try:
        _clean(folder)
        unfinished.mkdir()
        write(unfinished)
        _seal(unfinished, {"sequence": sequence, "encoders": dict(encoders), "details": dict(details)})
        with fence():
            number = _point_to(folder, unfinished, answers)
    except OSError as error:
        raise BadData(f"{folder}: the snapshot cannot be written: {refusal(error)}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    # What cannot be removed now is removed after the next one.
    with suppress(OSError):
        now = number_before(folder)
        moves = moves_of(folder, now, numbers(folder))
        staying = {number, now, *moves.before[-1:], *moves.promoted}
        _retire(folder, [other for other in numbers(folder) if other not in staying], keep)
    return read(folder, number)


def point(folder: Path, number: int, *, before: Sequence[int] | None = None, promoted: bool = False) -> None:
    """Let CURRENT name a snapshot that is there, inside the caller's fence.

    `before` is its past; by default that of the one that was current, and this one.
    """
    old = number_before(folder)
    moves = moves_of(folder, old, numbers(folder))
    if before is None:
        before = [*moves.before, *([] if old is None else [old])]
    if old is not None or promoted:
        note_move(folder, old, number, moves, before=[one for one in before if one != number], promoted=promoted)
    replace_text(folder / POINTER, str(number))


def rewrite(
    snapshot: Snapshot, write: Callable[[Path], None], fence: Callable[[], AbstractContextManager[object]]
) -> None:
    """Put other files in the place of a snapshot that is not current; what its manifest says of it stays.

    A writer killed between leaves the old one, or none under this number.
    """
    folder = snapshot.path.parent
    unfinished = folder / f"{UNFINISHED}{secrets.token_hex(8)}"
    try:
        unfinished.mkdir()
        write(unfinished)
        says = {"sequence": snapshot.sequence, "encoders": dict(snapshot.encoders), "details": dict(snapshot.details)}
        _seal(unfinished, {**says, "created_at": snapshot.created_at})
        with fence():
            remove(folder, snapshot.number)
            unfinished.rename(place(folder, snapshot.number))
            sync(folder)
    except OSError as error:
        raise BadData(f"{snapshot.path} cannot be written anew: {refusal(error)}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def remove(folder: Path, number: int) -> None:
    """Remove a snapshot that is not current."""
    # Renamed first, so that no moment shows half a snapshot under a number.
    shutil.rmtree(place(folder, number).rename(folder / f"{UNFINISHED}{secrets.token_hex(8)}"))


def verify(snapshot: Snapshot, *, largest: int | None = None) -> list[str]:
    """Return one line for each file that is missing, or has another size or checksum.

    Files of more than `largest` bytes are not read for their checksum.
    """
    problems = []
    for name, (size, digest) in snapshot.files.items():
        path = snapshot.path / name
        if not path.is_file():
            problems.append(f"{path} is missing")
        elif path.stat().st_size != size:
            problems.append(f"{path} has {path.stat().st_size} bytes; expected {size}")
        elif (largest is None or size <= largest) and _digest(path) != digest:
            problems.append(f"{path} does not match its checksum")
    return problems


def _clean(folder: Path) -> None:
    """Make the folder, durably, or remove what killed writers left unfinished in it."""
    if not folder.exists():
        folder.mkdir(parents=True)
        sync(folder.parent)
    tidy(folder)


def tidy(folder: Path) -> int:
    """Remove what killed writers left unfinished; return how much that was. The caller holds the lease."""
    left = list(folder.glob(f"{UNFINISHED}*"))
    for path in left:
        shutil.rmtree(path)
    return len(left)


def _seal(folder: Path, says: Mapping[str, Any]) -> None:
    """Write the manifest of a folder's files, and flush all of them."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {
        path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": _digest(path)} for path in paths
    }
    manifest = {"format": FORMAT, "created_at": time.time(), **says, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    sync_tree(folder)


def number_before(folder: Path) -> int | None:
    """Return the number that CURRENT names; None also for a broken one, which publishing repairs."""
    with suppress(BadData):
        return current_number(folder)
    return None


def _point_to(folder: Path, unfinished: Path, move: bool) -> int:
    """Give a sealed folder the next number, and let CURRENT name it where it is to `move`."""
    # A snapshot that CURRENT never came to name may be there, or was set aside: its number is not used twice.
    number = max([*numbers(folder), *numbers_set_aside(folder)], default=0) + 1
    unfinished.rename(place(folder, number))
    sync(folder)
    if move:
        point(folder, number)
    return number


def _retire(folder: Path, older: Sequence[int], keep: int) -> None:
    """Remove all but the last `keep` of the snapshots `older`."""
    for old in older[: max(len(older) - keep, 0)]:
        remove(folder, old)


def read(folder: Path, number: int) -> Snapshot:
    """Return the snapshot of a number. Raises BadData as `current` does."""
    path = place(folder, number)
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        known = manifest["format"] <= FORMAT
        if known:
            return Snapshot(
                number, path, int(manifest["sequence"]), float(manifest["created_at"]),
                dict(manifest["encoders"]), dict(manifest["details"]), _files(path, manifest["files"]),
            )  # fmt: skip
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadData(f"{path / MANIFEST} cannot be read as a manifest: {error!r}") from error
    raise BadData(f"{path} has format {manifest['format']}; this Plait knows up to {FORMAT}: upgrade Plait")


def _files(folder: Path, named: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, str]]:
    """Return size and checksum of the files a manifest names. Raises ValueError for one outside the folder."""
    inside = folder.resolve()
    for name in named:
        if not (folder / name).resolve().is_relative_to(inside):
            raise ValueError(f"{name!r} lies outside the snapshot")
    return {name: (int(entry["size"]), str(entry["sha256"])) for name, entry in named.items()}


def place(folder: Path, number: int) -> Path:
    """Return the folder of the snapshot of a number."""
    return folder / f"{number:06d}"


def numbers(folder: Path) -> list[int]:
    """Return the numbers of the snapshots there are, ascending."""
    if not folder.exists():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
