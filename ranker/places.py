"""Places: the first places of a list that are kept for some items, and items that stand where they are put."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Rows


@dataclass(frozen=True, slots=True)
class Quota:
    """At least `items` of the first `of` places are for candidates that are `wanted` (c,)."""

    wanted: NDArray[np.bool_]
    items: int
    of: int

    def narrowed(self, free: NDArray[np.bool_], length: int, had: int) -> NDArray[np.bool_]:
        """Return which of the `free` (c,) candidates may have place `length`, when `had` wanted ones stand before it.

        Others are shut out only where all places left are needed, so that a quota moves as little as it can; where no
        wanted one is free it gives way.
        """
        if length >= self.of or self.items - had < self.of - length:
            return free
        kept = free & self.wanted
        return kept if kept.any() else free

    def beside(self, pins: Mapping[int, int]) -> "Quota":
        """Return the quota of what stands around candidates that are pinned to places counted from 0."""
        ahead = [candidate for place, candidate in pins.items() if place < self.of]
        items = self.items - int(self.wanted[ahead].sum())
        return Quota(self.wanted, max(items, 0), self.of - len(ahead))


def with_pins(order: Rows, pins: Mapping[int, int], length: int) -> Rows:
    """Return at most `length` candidates: those pinned at their places, counted from 0, the `order` around them.

    Where the whole list is too short for a place, its candidate fills a gap that the end of `order` leaves.
    """
    end = len(order) + len(pins)
    late = iter([candidate for place, candidate in sorted(pins.items()) if place >= end])
    exact = {place: candidate for place, candidate in pins.items() if place < end}
    others = iter(order.tolist())
    places = [exact[place] if place in exact else next(others, None) for place in range(min(end, length))]
    return np.asarray([next(late) if place is None else place for place in places], dtype=np.int64)
