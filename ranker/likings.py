"""Likings: who liked what and when, kept in order user by user while they grow, one liking at a time."""

from array import array
from bisect import bisect_right

import numpy as np

from ranker.interactions import Rows

NO_SESSION = -1


class Liked:
    """The likings of one user by time, equal times as recorded: items, times in Unix seconds, and sessions."""

    __slots__ = ("items", "sessions", "times")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.items, self.times, self.sessions = array("q"), array("d"), array("q")

    def add(self, item: int, time: float, session: int) -> None:
        """Put a liking where its time belongs."""
        place = bisect_right(self.times, time)
        self.items.insert(place, item)
        self.times.insert(place, time)
        self.sessions.insert(place, session)

    def places(self, item: int) -> list[int]:
        """Return the ascending places of an item."""
        found: list[int] = []
        for _ in range(self.items.count(item)):
            found.append(self.items.index(item, found[-1] + 1 if found else 0))
        return found


class Likings:
    """The likings of all users, and by item who they are. Adding one takes time by what its user liked alone."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._liked: dict[int, Liked] = {}
        self._users_of: dict[int, set[int]] = {}
        self.pair_count = 0
        """How many pairs of user and item there are, each counted once."""

    def __len__(self) -> int:
        """Return the number of users."""
        return len(self._liked)

    def add(self, user: int, item: int, time: float, session: int = NO_SESSION) -> None:
        """Add a liking; `session` numbers the user's session, NO_SESSION for none."""
        self._liked.setdefault(user, Liked()).add(item, time, session)
        users = self._users_of.setdefault(item, set())
        self.pair_count += user not in users
        users.add(user)

    def of(self, user: int) -> Liked:
        """Return what a user liked. Raises KeyError for one who liked nothing."""
        return self._liked[user]

    def users_of(self, item: int) -> set[int]:
        """Return the users who liked an item."""
        return self._users_of.get(item, set())

    def user_counts(self, items: Rows) -> Rows:
        """Return (n,) how many users liked each of n items."""
        return np.asarray([len(self.users_of(item)) for item in items.tolist()], dtype=np.int64)
