"""LikedLog: what users liked and bought, as one process holds it, following the store."""

import threading
from array import array

import numpy as np

from plait.event_weights import is_positive
from plait.workspace import Workspace
from ranker.followings import Likings

BOUGHT = "purchase"


class LikedLog:
    """The positive events of the log, read once and then on from the last sequence number read.

    It follows from the store alone: a process that has followed every event knows the same as one that begins now.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Begin with nothing; the log is read when it is first asked for."""
        self._workspace = workspace
        self._lock = threading.Lock()
        self._sequence = 0
        self._users: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._columns = (array("q"), array("q"), array("d"), array("b"))
        self._likings: dict[bool, Likings] = {}

    def likings(self, *, bought: bool) -> Likings:
        """Return all likings of the store's present state; with `bought` purchases alone, where there is any."""
        with self._lock:
            self._follow(self._workspace.store.sequence())
            if bought not in self._likings:
                self._likings[bought] = self._gather(bought)
            return self._likings[bought]

    def has_purchases(self) -> bool:
        """Return whether anything was bought: then `likings(bought=True)` are purchases, and else all likings."""
        with self._lock:
            self._follow(self._workspace.store.sequence())
            return any(self._columns[3])

    def row(self, item_id: str) -> int:
        """Return the row of an item in the likings, -1 for one that nobody liked."""
        return self._items.get(item_id, -1)

    def item_ids(self) -> list[str]:
        """Return the ids of the items by their rows in the likings."""
        with self._lock:
            return list(self._items)

    def _follow(self, sequence: int) -> None:
        """Read what was recorded up to `sequence`."""
        if sequence == self._sequence:
            return
        config = self._workspace.config.events
        users, items, times, bought = self._columns
        before = len(users)
        for user_id, event in self._workspace.store.interactions_after(self._sequence, until=sequence):
            if is_positive(event.event, event.value, config):
                users.append(self._users.setdefault(user_id, len(self._users)))
                items.append(self._items.setdefault(event.item_id, len(self._items)))
                times.append(event.timestamp)
                bought.append(event.event == BOUGHT)
        self._sequence = sequence
        if len(users) > before:
            self._likings = {}

    def _gather(self, bought: bool) -> Likings:
        users, items, times, purchases = (np.array(column) for column in self._columns)
        kept = np.flatnonzero(purchases) if bought and purchases.any() else np.arange(len(users))
        return Likings.of(
            users[kept].astype(np.int64), items[kept].astype(np.int64), times[kept].astype(np.float64),
            user_count=len(self._users), item_count=len(self._items),
        )  # fmt: skip
