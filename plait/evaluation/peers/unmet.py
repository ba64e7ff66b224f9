"""Unmet: items drawn evenly from those a user has not met, the negatives of training by pairs."""

from dataclasses import dataclass

import numpy as np

from index.vector_index import Rows
from ranker.interactions import Histories


@dataclass(frozen=True, slots=True)
class Unmet:
    """What each of m users has met, so that the r-th item not among it is found without a list of the others.

    With a user's distinct items m_0 < m_1 < ..., the r-th other item is r plus the number of j with m_j - j <= r.
    `gaps` holds the ascending user * (items + 1) + m_j - j, `offsets` (m + 1,) where each user's begin.
    """

    gaps: Rows
    offsets: Rows
    item_count: int

    @classmethod
    def of(cls, histories: Histories, item_count: int) -> "Unmet":
        """Return what the users of `histories` have not met of `item_count` items."""
        met = np.unique(histories.users * item_count + histories.items)
        users, items = np.divmod(met, item_count)
        offsets = np.searchsorted(users, np.arange(len(histories) + 1))
        gaps = users * (item_count + 1) + items - (np.arange(len(met)) - offsets[users])
        return cls(gaps, offsets, item_count)

    def draw(self, users: Rows, count: int, rng: np.random.Generator) -> Rows:
        """Return (n, count) items, each drawn evenly from what user n has not met; any item where all are met."""
        left = self.item_count - np.diff(self.offsets)[users]
        bounds = np.where(left > 0, left, self.item_count)[:, None]
        ranks = (rng.random((len(users), count)) * bounds).astype(np.int64)
        keys = users[:, None] * (self.item_count + 1) + ranks
        skipped = np.searchsorted(self.gaps, keys, side="right") - self.offsets[users][:, None]
        return np.where(left[:, None] > 0, ranks + skipped, ranks)
