"""IdOrder: rows that ids decide, for models that draw a number for each row: no row order may decide what is drawn."""

from dataclasses import dataclass

import numpy as np

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.peers.met import once
from plait.evaluation.splits import Split
from ranker.interactions import Interactions


@dataclass(frozen=True, slots=True)
class IdOrder:
    """The row of each user (users,) and of each item (items,) when both are ordered by their ids."""

    users: Rows
    items: Rows

    @classmethod
    def of(cls, split: Split) -> "IdOrder":
        """Return the order of a split's users and items."""
        return cls(_ranks(split.user_ids), _ranks(split.item_ids))

    def pairs(self, interactions: Interactions, *, liked: bool, weight: float) -> Interactions:
        """Return each pair of user and item once between these rows, all of one weight and without a time."""
        histories = once(self.interactions(interactions).histories(), liked=liked)
        nothing = np.zeros(len(histories.items))
        weights = np.full(len(histories.items), weight, dtype=np.float32)
        counts = interactions.user_count, interactions.item_count
        return Interactions(histories.users, histories.items, nothing, weights, *counts)

    def interactions(self, interactions: Interactions) -> Interactions:
        """Return the same interactions between these rows, in the order of time, then user, then item."""
        users, items = self.users[interactions.users], self.items[interactions.items]
        order = np.lexsort((interactions.weights, items, users, interactions.times))
        return Interactions(
            users[order], items[order], interactions.times[order], interactions.weights[order],
            interactions.user_count, interactions.item_count,
        )  # fmt: skip


def _ranks(ids: IdMap) -> Rows:
    names = list(ids)
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return ranks
