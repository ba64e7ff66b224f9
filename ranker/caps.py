"""Caps: how many items of a list may share a value of an attribute."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Rows


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` items of a list have any one value.

    Candidate i of c has the values `values[offsets[i]:offsets[i + 1]]`, each once: none, one or several. It counts for
    each of them, and without a value it is never capped. Raises ValueError for a limit below 1.
    """

    limit: int
    offsets: Rows
    values: Rows

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise ValueError(f"limit is {self.limit}; expected a number from 1")


class Room:
    """Which of `count` candidates may still join a list: `free` (count,) has neither the taken nor the capped ones."""

    def __init__(self, count: int, caps: Sequence[Cap]) -> None:
        """Begin with an empty list. Raises ValueError for a cap on another number of candidates."""
        wrong = [len(cap.offsets) - 1 for cap in caps if len(cap.offsets) != count + 1]
        if wrong:
            raise ValueError(f"a cap describes {wrong[0]} candidates; expected {count}")
        self.free: NDArray[np.bool_] = np.ones(count, dtype=np.bool_)
        self._caps = [(cap, np.repeat(np.arange(count), np.diff(cap.offsets))) for cap in caps]
        self._counts: list[dict[int, int]] = [{} for _ in caps]

    def take(self, place: int) -> None:
        """Add a free candidate to the list, and shut out those whose values are now full."""
        self.free[place] = False
        for (cap, owners), counts in zip(self._caps, self._counts, strict=True):
            for value in cap.values[cap.offsets[place] : cap.offsets[place + 1]].tolist():
                counts[value] = counts.get(value, 0) + 1
                if counts[value] >= cap.limit:
                    self.free[owners[cap.values == value]] = False
