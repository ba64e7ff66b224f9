"""Rates: how many requests or events somebody may send, as a bucket of tokens that fills by itself."""

import math
import re
from collections import OrderedDict
from dataclasses import dataclass

SECONDS = {"s": 1, "m": 60, "h": 3_600}
MOST_BUCKETS = 10_000
"""Who has not asked for the longest is forgotten beyond so many, for addresses are without number."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds; all of them may come at once."""

    count: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Return what `60/m` says; s, m and h stand for second, minute and hour. Raises ValueError."""
        found = re.fullmatch(r"([1-9][0-9]{0,8})/([smh])", text)
        if found is None:
            raise ValueError(f"{text!r} is no rate; expected such as 60/m, by s, m or h")
        return cls(int(found[1]), SECONDS[found[2]])


class Buckets:
    """A bucket for each name: full at first, a token for each that is taken, filled again evenly.

    Not safe between threads by itself.
    """

    def __init__(self) -> None:
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str, rate: Rate, now: float) -> int:
        """Take a token and return 0, or return after how many whole seconds there will be one; `now` never falls."""
        level, since = self._levels.pop(name, (float(rate.count), now))
        filled = min(float(rate.count), level + (now - since) * rate.count / rate.seconds)
        # Sums of small steps lose a little: a token that is there but for a rounding error is there.
        taken = filled >= 1 - 1e-9
        self._levels[name] = (filled - taken, now)
        if len(self._levels) > MOST_BUCKETS:
            self._levels.popitem(last=False)
        return 0 if taken else max(1, math.ceil((1 - filled) * rate.seconds / rate.count))

    def charge(self, name: str, count: int) -> None:
        """Take `count` tokens more from who has just taken one, be they there or not: what lacks is waited for next."""
        if name in self._levels:
            level, since = self._levels[name]
            self._levels[name] = (level - count, since)
