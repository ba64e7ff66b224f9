"""Followings: what users liked after, or together with, an item, counted against chance; direction matters.

Support s_ij is the number of users who liked j within reach of i, at its time or later. By chance it would be
E_ij = S_i u_j / sum of u over all but i, with S_i the sum of s_ij over j, and u_j the users who liked j at all. Lift is
s_ij / E_ij; shrunk, it is (s_ij + k) / (E_ij + k), the mean of a Gamma prior of mean 1 and strength k after s_ij
Poisson events (the shrinkage of DuMouchel 1999): a pair that one user made says next to nothing, however rare it is.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Rows
from ranker.likings import NO_SESSION, Liked, Likings


@dataclass(frozen=True, slots=True)
class Reach:
    """How far after an item another still follows it: so many `seconds`, or so many likings (`places`, 0 for any).

    With `in_session` also, beside the seconds, whatever follows in the same session.
    """

    seconds: float = np.inf
    places: int = 0
    in_session: bool = False


@dataclass(frozen=True, slots=True)
class Followings:
    """k items that follow one item, ascending rows: `support` (k,) in users, `expected` (k,) what chance gives."""

    items: Rows
    support: Rows
    expected: NDArray[np.float64]

    @classmethod
    def none(cls) -> "Followings":
        """Return no items."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))

    @property
    def lift(self) -> NDArray[np.float64]:
        """(k,) support over what chance gives, as counted."""
        return self.support / self.expected

    def logs(self, prior: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (k,) each: what support adds and what chance takes; their sum is the logarithm of the shrunk lift."""
        return np.log1p(self.support / prior), -np.log1p(self.expected / prior)

    def at_least(self, support: int) -> "Followings":
        """Return those with as much support."""
        return self.take(np.flatnonzero(self.support >= support))

    def take(self, places: Rows) -> "Followings":
        """Return those at `places`, in that order."""
        return Followings(self.items[places], self.support[places], self.expected[places])


def followings(likings: Likings, item: int, reach: Reach) -> Followings:
    """Count what follows `item` within `reach`; what was liked at the very same time counts both ways.

    With `reach.places` the likings right after it count, whatever their time says of the order.
    """
    counts: Counter[int] = Counter()
    for user in likings.users_of(item):
        liked = likings.of(user)
        # Each user once for each item, however often they liked it.
        counts.update(_met(liked, liked.places(item), reach))
    counts.pop(item, None)
    items = np.asarray(sorted(counts), dtype=np.int64)
    support = np.asarray([counts[other] for other in items.tolist()], dtype=np.int64)
    others = max(likings.pair_count - len(likings.users_of(item)), 1)
    return Followings(items, support, support.sum() * likings.user_counts(items) / others)


def _met(liked: Liked, anchors: Sequence[int], reach: Reach) -> set[int]:
    """Return the items within reach of any of the places of one, itself perhaps among them."""
    met: set[int] = set()
    done = 0
    begun: dict[int, int] = {}
    for anchor in anchors:
        first, stop = anchor + 1, anchor + 1 + reach.places
        if not reach.places:
            now = liked.times[anchor]
            first, stop = bisect_left(liked.times, now), bisect_right(liked.times, now + reach.seconds)
            begun.setdefault(liked.sessions[anchor], first)
        # Anchors ascend, and so do their spans: what one has counted the next need not.
        met.update(liked.items[max(first, done) : stop])
        done = max(done, stop)
    begun.pop(NO_SESSION, None)
    if reach.in_session and begun:
        # From where the item first stood in each session.
        met.update(
            liked.items[place]
            for place in range(min(begun.values()), len(liked.items))
            if place >= begun.get(liked.sessions[place], len(liked.items))
        )
    return met
