"""Learning caps: of how much of the stream one user, and one item, may be the teacher."""

from collections import Counter, deque
from collections.abc import Mapping

from plait.stream_settings import Learning


class LearningCaps:
    """Counts the last events of the stream, by user and by item, and says which of them are learnt from.

    Of the last `window` events that would be learnt from, at most `per_user` of one user are, and of one item at most
    `burst` times its share of the log before, or `per_item` where that is more: a hit is learnt, more slowly, and spam
    is hardly.
    """

    def __init__(self, settings: Learning, shares: Mapping[str, float]) -> None:
        """`shares` are those of items among the likings of the log, 0 where they are not named."""
        self._settings, self._shares = settings, shares
        self._events: deque[tuple[str, str]] = deque()
        self._users: Counter[str] = Counter()
        self._items: Counter[str] = Counter()

    def take(self, user_id: str, item_id: str) -> str:
        """Count an event; return "" where it is to be learnt from, else whose events are too many: user or item."""
        settings = self._settings
        self._events.append((user_id, item_id))
        self._users[user_id] += 1
        self._items[item_id] += 1
        if len(self._events) > settings.window:
            old_user, old_item = self._events.popleft()
            self._users[old_user] -= 1
            self._items[old_item] -= 1
        if self._users[user_id] > settings.per_user:
            return "user"
        share = max(settings.burst * self._shares.get(item_id, 0.0), settings.per_item)
        return "item" if self._items[item_id] > max(share * settings.window, 1.0) else ""
