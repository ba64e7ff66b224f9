"""ItemLog: what people did with each item, as one process holds it, following the store."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plait.records import Interaction
from plait.workspace import Workspace
from ranker.worth import Deeds

LONGEST = 60.0
"""Minutes that one view counts at most: who left the page open does not dwell."""
PEOPLE, CLICKS, BUYS = range(3)


class ItemLog:
    """Counts of the log by item, read once and then on from the last sequence number read.

    It follows from the store alone: a process that has followed every event knows the same as one that begins now.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Begin with nothing; the log is read when it is first asked for."""
        self._workspace = workspace
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._sequence = 0
        self._users: dict[str, int] = {}
        self._pairs: tuple[set[tuple[int, str]], ...] = (set(), set(), set())
        self._counts: tuple[dict[str, int], ...] = ({}, {}, {})
        self._first: dict[str, float] = {}
        self._minutes: dict[str, float] = {}
        self._paid: dict[str, tuple[float, int]] = {}

    def first_events(self, item_ids: Sequence[str]) -> NDArray[np.float64]:
        """Return the time of each item's first event that tells of a taste, NaN for none."""
        with self._lock:
            self._follow()
            return np.asarray([self._first.get(item_id, np.nan) for item_id in item_ids], dtype=np.float64)

    def deeds(self, item_ids: Sequence[str]) -> Deeds:
        """Return how many people did what with each item."""
        with self._lock:
            self._follow()
            people, clickers, buyers = (
                np.asarray([counts.get(item_id, 0) for item_id in item_ids], dtype=np.float64)
                for counts in self._counts
            )
            minutes = np.asarray([self._minutes.get(item_id, 0.0) for item_id in item_ids], dtype=np.float64)
            return Deeds(people, clickers, buyers, minutes)

    def paid(self, item_ids: Sequence[str]) -> NDArray[np.float64]:
        """Return the mean value of each item's purchases, NaN for none."""
        with self._lock:
            self._follow()
            sums = [self._paid.get(item_id, (np.nan, 1)) for item_id in item_ids]
            return np.asarray([total / count for total, count in sums], dtype=np.float64)

    def _follow(self) -> None:
        store = self._workspace.store
        sequence = store.sequence()
        if sequence == self._sequence:
            return
        if store.rewritten() > self._sequence:
            # A user who was merged into another is nobody else.
            self._begin()
        for user_id, event in store.interactions_after(self._sequence, until=sequence):
            self._add(self._users.setdefault(user_id, len(self._users)), event)
        self._sequence = sequence

    def _add(self, user: int, event: Interaction) -> None:
        item_id, value = event.item_id, event.value
        self._first[item_id] = min(self._first.get(item_id, np.inf), event.timestamp)
        self._count(PEOPLE, user, item_id)
        if event.event == "click":
            self._count(CLICKS, user, item_id)
        elif event.event == "view" and value is not None and value > 0:
            self._minutes[item_id] = self._minutes.get(item_id, 0.0) + min(value / 60.0, LONGEST)
        elif event.event == "purchase":
            self._count(BUYS, user, item_id)
            if value is not None:
                total, count = self._paid.get(item_id, (0.0, 0))
                self._paid[item_id] = total + value, count + 1

    def _count(self, what: int, user: int, item_id: str) -> None:
        """Count a person once for an item, however often they did it."""
        if (user, item_id) not in self._pairs[what]:
            self._pairs[what].add((user, item_id))
            self._counts[what][item_id] = self._counts[what].get(item_id, 0) + 1
