"""LikedLog: what users liked and bought, as one process holds it, following the store."""

import threading

from plait.event_weights import is_positive
from plait.records import Interaction
from plait.workspace import Workspace
from ranker.followings import Followings, Reach, followings
from ranker.likings import NO_SESSION, Likings

BOUGHT = "purchase"


class LikedLog:
    """The positive events of the log, read once and then on from the last sequence number read.

    It follows from the store alone: a process that has followed every event knows the same as one that begins now.
    An event read takes time by what its user has liked, not by the log.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Begin with nothing; the log is read when it is first asked for."""
        self._workspace = workspace
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._sequence = 0
        self._users: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._names: list[str] = []
        self._sessions: dict[str, int] = {}
        self._liked, self._bought = Likings(), Likings()

    def followings(self, item_id: str, reach: Reach, *, bought: bool, support: int) -> tuple[list[str], Followings]:
        """Count what follows an item within `reach`, and return the ids of what has as much `support`, and the counts.

        All likings of the store's present state count; with `bought` purchases alone, where there is any.
        """
        # Held while counting: what grows meanwhile would be counted in halves.
        with self._lock:
            self._follow(self._workspace.store.sequence())
            likings = self._bought if bought and len(self._bought) else self._liked
            found = followings(likings, self._items.get(item_id, -1), reach).at_least(support)
            return [self._names[item] for item in found.items.tolist()], found

    def has_purchases(self) -> bool:
        """Return whether anything was bought: then `bought` counts purchases, and else all likings."""
        with self._lock:
            self._follow(self._workspace.store.sequence())
            return bool(len(self._bought))

    def _follow(self, sequence: int) -> None:
        """Read what was recorded up to `sequence`; where the store breaks off, the next question begins anew."""
        if sequence == self._sequence:
            return
        if self._workspace.store.rewritten() > self._sequence:
            self._begin()
        try:
            told = self._workspace.store.interactions_in_sessions(self._sequence, until=sequence)
            for user_id, session_id, event in told:
                self._add(user_id, session_id, event)
        except BaseException:
            self._begin()
            raise
        self._sequence = sequence

    def _add(self, user_id: str, session_id: str, event: Interaction) -> None:
        if not is_positive(event.event, event.value, self._workspace.config.events):
            return
        user = self._users.setdefault(user_id, len(self._users))
        item = self._items.setdefault(event.item_id, len(self._items))
        if item == len(self._names):
            self._names.append(event.item_id)
        session = self._sessions.setdefault(session_id, len(self._sessions)) if session_id else NO_SESSION
        self._liked.add(user, item, event.timestamp, session)
        if event.event == BOUGHT:
            self._bought.add(user, item, event.timestamp, session)
