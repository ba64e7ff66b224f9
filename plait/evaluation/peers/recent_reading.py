"""How a user whom training never met is read: the last events as places and shares, out of which a vector is folded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from ranker.interactions import Floats, Histories, Recent
from ranker.recency import salience

HISTORY = 50
"""The last events of a user that are read."""


@dataclass(frozen=True, slots=True)
class Readings:
    """m users: `items` (m, width) int64 places, padded with the number of items; `shares` (m, width) float32.

    Shares are at least 0 and sum to less than 1: s_i / (1 + sum_j s_j), s the salience of an event, which grows with
    its weight and falls with its place. The less is known, the less is said.
    """

    items: Rows
    shares: Floats

    def __len__(self) -> int:
        """Return the number of users."""
        return len(self.items)


def read(recent: Recent, item_count: int, time_constant: float) -> Readings:
    """Return the reading of recent entries; `time_constant` in events."""
    loudness = salience(recent, time_constant)
    shares = loudness / (1.0 + loudness.sum(axis=1, keepdims=True))
    return Readings(np.where(recent.used, recent.items, item_count), shares.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Likings:
    """n likings to learn from: `entries` (n,) of `histories`, by users `owners` (n,), of items `targets` (n,)."""

    histories: Histories
    entries: Rows
    owners: Rows
    targets: Rows

    @classmethod
    def of(cls, histories: Histories) -> "Likings":
        """Return every liking, user by user, oldest first; a first event with nothing before it is one as well."""
        liked = np.flatnonzero(histories.weights > 0)
        return cls(histories, liked, histories.users[liked], histories.items[liked])

    def __len__(self) -> int:
        """Return the number of likings."""
        return len(self.entries)

    def before(self, chosen: Rows) -> Recent:
        """Return what stood in the user's history before each chosen liking, newest first, at most HISTORY events."""
        entries, starts = self.entries[chosen], self.histories.offsets[self.owners[chosen]]
        width = int(np.minimum(entries - starts, HISTORY).max(initial=0))
        places = entries[:, None] - 1 - np.arange(width)[None, :]
        used: NDArray[np.bool_] = places >= starts[:, None]
        places = np.where(used, places, 0)
        weights = np.where(used, self.histories.weights[places], 0.0).astype(np.float32)
        return Recent(np.where(used, self.histories.items[places], -1), weights, np.zeros(places.shape), used)
