"""Interactions: who did what with which item, as arrays; and Histories, the same cut by user."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
"""Row numbers of items or users in the caller's tables; -1 stands for "unknown"."""
Floats = NDArray[np.float32]
Times = NDArray[np.float64]
"""Unix seconds."""


@dataclass(frozen=True, slots=True)
class Interactions:
    """n interactions in the order of time, ties in the order given.

    `weights` say how much the user liked it: positive for liking (a rating of 5, a purchase), negative for
    disliking, 0 for neutral contact. `user_count` and `item_count` bound the rows. Raises ValueError for arrays of
    unequal length or rows out of bounds.
    """

    users: Rows
    items: Rows
    times: Times
    weights: Floats
    user_count: int
    item_count: int

    def __post_init__(self) -> None:
        lengths = {len(self.users), len(self.items), len(self.times), len(self.weights)}
        if len(lengths) != 1:
            raise ValueError(f"users, items, times, weights have lengths {sorted(lengths)}; expected one length")
        for name, rows, count in (("users", self.users, self.user_count), ("items", self.items, self.item_count)):
            if len(rows) and not (rows.min() >= 0 and rows.max() < count):
                raise ValueError(f"{name} holds {rows.min()}..{rows.max()}; expected 0..{count - 1}")

    def __len__(self) -> int:
        """Return the number of interactions."""
        return len(self.users)

    def histories(self) -> "Histories":
        """Return one history for each of `user_count` users; `now` is each one's last moment."""
        order = np.argsort(self.users, kind="stable")
        offsets = np.searchsorted(self.users[order], np.arange(self.user_count + 1))
        times = self.times[order]
        last = np.where(offsets[1:] > offsets[:-1], offsets[1:] - 1, -1)
        now = np.where(last >= 0, times[last] if len(times) else 0.0, 0.0)
        return Histories(offsets, self.items[order], times, self.weights[order], now)


@dataclass(frozen=True, slots=True)
class Histories:
    """The interactions of m users, oldest first: user i has entries `offsets[i]:offsets[i + 1]`.

    `offsets` (m + 1,) int64; `items`, `times`, `weights` as in Interactions; `now` (m,) is the moment of the
    answer, from which ages are counted.
    """

    offsets: Rows
    items: Rows
    times: Times
    weights: Floats
    now: Times

    def __len__(self) -> int:
        """Return the number of users."""
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Rows:
        """(m,) the number of entries of each user."""
        return np.diff(self.offsets)

    @property
    def users(self) -> Rows:
        """(entries,) the user of each entry."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def interactions(self, item_count: int) -> Interactions:
        """Return the entries as interactions of users 0..m - 1."""
        return Interactions(self.users, self.items, self.times, self.weights, len(self), item_count)

    def take(self, chosen: Rows) -> "Histories":
        """Return the histories of the `chosen` users, in that order."""
        parts = [np.arange(self.offsets[user], self.offsets[user + 1]) for user in chosen.tolist()]
        entries = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        offsets = np.concatenate(([0], np.cumsum(self.lengths[chosen])))
        return Histories(offsets, self.items[entries], self.times[entries], self.weights[entries], self.now[chosen])

    def recent(self, limit: int) -> "Recent":
        """Return the last `limit` entries of each user as matrices."""
        lengths = np.minimum(self.lengths, limit)
        width = int(lengths.max(initial=0))
        back = np.arange(width)[None, :]
        used = back < lengths[:, None]
        entries = np.where(used, self.offsets[1:, None] - 1 - back, 0)
        if not width:
            return Recent(entries, entries.astype(np.float32), entries.astype(np.float64), used)
        return Recent(
            np.where(used, self.items[entries], -1),
            np.where(used, self.weights[entries], 0.0).astype(np.float32),
            np.where(used, np.maximum(self.now[:, None] - self.times[entries], 0.0), 0.0),
            used,
        )


@dataclass(frozen=True, slots=True)
class Recent:
    """The last entries of m users, newest first: (m, width) items (-1 padded), weights, ages in seconds, used."""

    items: Rows
    weights: Floats
    ages: Times
    used: NDArray[np.bool_]
