"""Followings: what users liked after, or together with, an item, counted against chance; direction matters.

Support s_ij is the number of users who liked j within reach of i, at its time or later. By chance it would be
E_ij = S_i u_j / sum of u over all but i, with S_i the sum of s_ij over j, and u_j the users who liked j at all. Lift is
s_ij / E_ij; shrunk, it is (s_ij + k) / (E_ij + k), the mean of a Gamma prior of mean 1 and strength k after s_ij
Poisson events (the shrinkage of DuMouchel 1999): a pair that one user made says next to nothing, however rare it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Rows, Times


@dataclass(frozen=True, slots=True)
class Likings:
    """n likings, user by user, each user's by time, equal times as recorded.

    User u has entries `offsets[u]:offsets[u + 1]` of `items` (n,) and `times` (n,). `places` (n,) are the entries item
    by item: those of item i are `places[item_offsets[i]:item_offsets[i + 1]]`. `users_of` (items,) counts the users
    who liked an item.
    """

    offsets: Rows
    items: Rows
    times: Times
    places: Rows
    item_offsets: Rows
    users_of: Rows

    @classmethod
    def of(cls, users: Rows, items: Rows, times: Times, *, user_count: int, item_count: int) -> "Likings":
        """Return likings given in the order recorded, (n,) each."""
        order = np.lexsort((times, users))
        users, items = users[order], items[order]
        counts = np.bincount(items, minlength=item_count)
        met = np.unique(users * max(item_count, 1) + items) % max(item_count, 1)
        return cls(
            np.searchsorted(users, np.arange(user_count + 1)), items, times[order],
            np.argsort(items, kind="stable"), np.concatenate(([0], np.cumsum(counts))),
            np.bincount(met, minlength=item_count),
        )  # fmt: skip

    def anchors(self, item: int) -> Rows:
        """Return the ascending entries of an item."""
        return self.places[self.item_offsets[item] : self.item_offsets[item + 1]]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far after an item another still follows it: so many `seconds`, or so many likings (`places`, 0 for any)."""

    seconds: float = np.inf
    places: int = 0


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
    count = len(likings.users_of)
    anchors = likings.anchors(item)
    users = np.searchsorted(likings.offsets, anchors, side="right") - 1
    spans = [_span(likings, anchor, user, reach) for anchor, user in zip(anchors.tolist(), users.tolist(), strict=True)]
    entries = np.concatenate([np.arange(start, stop) for start, stop in spans]) if spans else np.empty(0, np.int64)
    owners = np.repeat(users, [stop - start for start, stop in spans])
    # Each user once for each item, however often they liked it.
    met = np.unique(owners * count + likings.items[entries]) % max(count, 1)
    support = np.bincount(met, minlength=count)
    support[item] = 0
    others = max(int(likings.users_of.sum() - likings.users_of[item]), 1)
    items = np.flatnonzero(support)
    return Followings(items, support[items], support.sum() * likings.users_of[items] / others)


def _span(likings: Likings, anchor: int, user: int, reach: Reach) -> tuple[int, int]:
    """Return the entries within reach of an entry of a user, itself perhaps among them."""
    start, stop = (int(bound) for bound in likings.offsets[user : user + 2])
    if reach.places:
        return anchor + 1, min(anchor + 1 + reach.places, stop)
    times = likings.times[start:stop]
    now = times[anchor - start]
    first = start + int(np.searchsorted(times, now, side="left"))
    return first, start + int(np.searchsorted(times, now + reach.seconds, side="right"))
