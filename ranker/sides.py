"""The two sides of a score: what the ranker knows of items, and of users."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Recent, Rows
from ranker.overlaid import Overlaid
from ranker.profile import Profiles


@dataclass(frozen=True, slots=True)
class ItemSide:
    """n items by the caller's rows.

    `rows` (n,) of the training, -1 for items it did not know; `met` (n,) whether anybody liked them there;
    `factors` (n, k) such that a CF score is an inner product with a user's; `popularity` (n,); `places` (n,) in the
    squares of item weights, -1 for none. The others are factors as well, each for users of their own: `sequence`
    (n, s + 1) of the sequence encoder, the last column an item's bias; `taste` (n, r + 1) what tastes add, and last
    what is expected of everybody; `cold` (n, t + 1) what content tells, and first events. `online` (n, 1 + k), or
    (n, 1) where nothing was, is what was learnt since: a bias, and factors for users' unit CF factors.
    """

    rows: Rows
    met: NDArray[np.bool_]
    factors: Floats
    popularity: Floats
    places: Rows
    sequence: Floats
    taste: Floats
    cold: Floats | Overlaid
    online: Floats

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.rows)

    def take(self, rows: Rows) -> "ItemSide":
        """Return the items at `rows`."""
        return ItemSide(*(getattr(self, field.name)[rows] for field in fields(self)))

    def extend(self, other: "ItemSide") -> "ItemSide":
        """Return these items followed by the others; nothing of either is overlaid."""
        return ItemSide(
            *(np.concatenate([getattr(self, field.name), getattr(other, field.name)]) for field in fields(self))
        )


@dataclass(frozen=True, slots=True)
class UserSide:
    """m users as their histories make them: CF factors (m, k), profiles, and recent entries (m, width).

    `history` (m, width, D) are the recent entries' vectors, zero for those of no known item; `strengths` (m, width) say
    how much each of still more entries counts for item weights; `places` (m, width) are theirs in the square.
    `states` (m, s + 1), `taste` (m, r + 1) and `cold` (m, t + 1) belong to the items' factors of the same kind, and
    `friends` (m, r) to those of `taste` but the last; `lengths` (m,) are events in all.
    """

    factors: Floats
    profiles: Profiles
    recent: Recent
    history: Floats
    strengths: Floats
    places: Rows
    states: Floats
    taste: Floats
    friends: Floats
    cold: Floats
    lengths: Rows

    def __len__(self) -> int:
        """Return the number of users."""
        return len(self.factors)


def nothing_online(item_count: int) -> Floats:
    """Return (item_count, 1) what was learnt online of items of which nothing was."""
    return np.zeros((item_count, 1), dtype=np.float32)


def unit_factors(factors: Floats) -> Floats:
    """Return users' factors (m, k) of length 1, zero for users of none: a step of learning is as long for all."""
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    return np.asarray(factors / np.maximum(lengths, 1e-9), dtype=np.float32)
