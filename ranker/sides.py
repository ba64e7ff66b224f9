"""The two sides of a score: what the ranker knows of items, and of users."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Recent, Rows
from ranker.profile import Profiles


@dataclass(frozen=True, slots=True)
class ItemSide:
    """n items by the caller's rows.

    `factors` (n, k) such that a CF score is an inner product with a user's; `met` (n,) False where they are
    predicted from content; `popularity` (n,); `places` (n,) in the square of item weights, -1 for none.
    """

    factors: Floats
    met: NDArray[np.bool_]
    popularity: Floats
    places: Rows

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.factors)

    def take(self, rows: Rows) -> "ItemSide":
        """Return the items at `rows`."""
        return ItemSide(self.factors[rows], self.met[rows], self.popularity[rows], self.places[rows])

    def extend(self, other: "ItemSide") -> "ItemSide":
        """Return these items followed by the others."""
        return ItemSide(
            np.concatenate([self.factors, other.factors]),
            np.concatenate([self.met, other.met]),
            np.concatenate([self.popularity, other.popularity]),
            np.concatenate([self.places, other.places]),
        )


@dataclass(frozen=True, slots=True)
class UserSide:
    """m users as their histories make them: CF factors (m, k), profiles, and recent entries (m, width).

    `history` (m, width, D) are the recent entries' vectors, zero for those of no known item;
    `strengths` (m, width) say how much each recent entry counts for item weights; `lengths` (m,) events in all.
    """

    factors: Floats
    profiles: Profiles
    recent: Recent
    history: Floats
    strengths: Floats
    places: Rows
    lengths: Rows

    def __len__(self) -> int:
        """Return the number of users."""
        return len(self.factors)
