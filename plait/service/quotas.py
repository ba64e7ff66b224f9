"""Quotas: what a tenant may store; asked before a write, under the lock of the store where it can be."""

import os
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from plait.service.refusals import Refusal
from plait.store import Store
from plait.tenants import Quota

FRESH_SECONDS = 5.0
"""For how long what was counted is good: events and bytes may pass their bound by what comes in as many seconds."""


@dataclass(slots=True)
class Quotas:
    """Refuses with 413, `over_quota`, what would pass a bound."""

    quota: Quota
    store: Store
    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _until: float = float("-inf")
    _events: int = 0
    _bytes: int = 0

    def check_items(self, item_ids: Collection[str]) -> None:
        """Raise Refusal where items are too many with these."""
        if self.quota.items:
            there = self.store.items_by_id(list(item_ids))
            living = self.store.item_count() + len(set(item_ids) - set(there))
            if living > self.quota.items and set(item_ids) - set(there):
                raise over("items", living, self.quota.items)
        self._check_bytes()

    def check_events(self, count: int) -> None:
        """Raise Refusal where events are too many with so many more."""
        self._check_bytes()
        if self.quota.events:
            with self._lock:
                self._count()
                if self._events + count > self.quota.events:
                    raise over("events", self._events + count, self.quota.events)
                self._events += count

    def _check_bytes(self) -> None:
        if self.quota.bytes:
            with self._lock:
                self._count()
                if self._bytes > self.quota.bytes:
                    raise over("bytes", self._bytes, self.quota.bytes)

    def _count(self) -> None:
        """Count anew what is older than it may be."""
        if time.monotonic() >= self._until:
            self._events = self.store.counts()["events"] if self.quota.events else 0
            self._bytes = size_of(self.folder) if self.quota.bytes else 0
            self._until = time.monotonic() + FRESH_SECONDS


def over(what: str, count: int, most: int) -> Refusal:
    """Return the refusal of a write that would pass a bound."""
    return Refusal(413, "over_quota", f"{what}: {count} with these; the quota is {most}")


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except FileNotFoundError:
                # It was retired while the others were counted.
                continue
    return total
