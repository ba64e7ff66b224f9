"""Rate: how much each sender may send, as a bucket that fills with time."""

import threading
import time
from collections import OrderedDict

MOST_SENDERS = 10_000
"""Senders that are remembered; the one heard of longest ago is forgotten, and has a full bucket again."""


class Rate:
    """Each sender may take `most` at once, and that many more a minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, sender: str, count: int, *, now: float | None = None) -> int:
        """Take `count` from a sender's bucket; return 0, or the seconds to wait where there is too little."""
        now = time.monotonic() if now is None else now
        with self._lock:
            left, at = self._buckets.pop(sender, (float(self._most), now))
            left = min(self._most, left + (now - at) * self._most / 60)
            enough = left >= min(count, self._most)
            self._buckets[sender] = (left - count if enough else left, now)
            if len(self._buckets) > MOST_SENDERS:
                self._buckets.popitem(last=False)
        return 0 if enough else 1 + int((min(count, self._most) - left) * 60 / self._most)
