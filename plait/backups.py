"""Backups: which files a workspace was backed up into, as its store remembers them."""

import json
from pathlib import Path

from plait.store import Store

KEY = "backups"


def backups_of(store: Store) -> list[str]:
    """Return the files, in the order made; one may have been moved or deleted since."""
    return [str(name) for name in json.loads(store.meta(KEY) or "[]")]


def note_backup(store: Store, file: Path) -> None:
    """Remember that a file holds, or is about to hold, what the store knows."""
    with store.write() as change:
        # Read under the write lock: another process may note a backup of its own meanwhile.
        known = backups_of(store)
        change.set_meta({KEY: json.dumps([*(name for name in known if name != str(file)), str(file)])})


def drop_backup(store: Store, file: Path) -> None:
    """Forget a file that did not come to be."""
    with store.write() as change:
        change.set_meta({KEY: json.dumps([name for name in backups_of(store) if name != str(file)])})
