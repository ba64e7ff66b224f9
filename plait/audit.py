"""Audit: who changed what, a line of JSON each, in files of the workspace that are only appended to.

No line holds the id of a user or an item: it has a keyed hash, by the key that the store keeps for erasures.
"""

import errno
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from plait.store import Store
from plait.store.erasing import KEY, keyed_hash

FILE = "audit.jsonl"
MOST_BYTES = 16_000_000
"""A file that has grown so large is renamed, to its number, and a new one begun."""
KEPT = 10
"""How many full files stay."""


def note(folder: Path, what: str, *, most: int = MOST_BYTES, **fields: Any) -> None:
    """Write a line; it outlives this process once this returns. Raises OSError where the disk takes less."""
    fields = {"at": round(time.time(), 3), "what": what, **fields}
    line = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    with _locked(folder / FILE, most) as handle:
        if not _is_whole(handle):
            # Somebody's last line was cut off: it may not take this one with it.
            line = b"\n" + line
        if os.write(handle, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / FILE))


def hashed(store: Store, name: str) -> str:
    """Return what stands for an id in the lines of a workspace."""
    key = store.meta(KEY)
    if key is None:
        with store.write() as change:
            key = store.meta(KEY) or secrets.token_hex(32)
            change.set_meta({KEY: key})
    return keyed_hash(key, name)


def lines(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Give all lines, the oldest first; one that was cut off, by a crash or a full disk, is left out."""
    for path in (*full_files(folder), folder / FILE):
        with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                with suppress(ValueError):
                    found = json.loads(line)
                    if isinstance(found, dict):
                        yield found


def full_files(folder: Path) -> list[Path]:
    """Return the files that were renamed, the oldest first."""
    found = {path: path.name.removeprefix("audit-").removesuffix(".jsonl") for path in folder.glob("audit-*.jsonl")}
    return sorted((path for path, number in found.items() if number.isdecimal()), key=lambda path: int(found[path]))


@contextmanager
def _locked(path: Path, most: int) -> Iterator[int]:
    """Give a descriptor that appends, held by nobody else; processes share the file, and one of them renames it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                mine = os.fstat(handle)
                if os.path.samestat(mine, path.stat()):
                    if mine.st_size < most:
                        yield handle
                        return
                    _rename(path)
        finally:
            os.close(handle)


def _is_whole(handle: int) -> bool:
    """Return whether the last line of a file is."""
    size = os.fstat(handle).st_size
    return not size or os.pread(handle, 1, size - 1) == b"\n"


def _rename(path: Path) -> None:
    full = full_files(path.parent)
    last = int(full[-1].stem.removeprefix("audit-")) if full else 0
    path.rename(path.with_name(f"audit-{last + 1}.jsonl"))
    for old in full[: max(0, len(full) + 1 - KEPT)]:
        old.unlink(missing_ok=True)
