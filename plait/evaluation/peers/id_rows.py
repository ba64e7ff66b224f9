"""Id rows: places of users and items that their ids decide, so that nothing a model draws depends on their rows."""

from dataclasses import dataclass, replace

import numpy as np

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.peers.peer import Fitted
from plait.evaluation.salted import salted
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories, Interactions
from ranker.nearness import once


@dataclass(frozen=True, slots=True)
class IdRows:
    """The place of each user (users,) and of each item (items,), and what is learnt from, `train`, in the split's rows.

    What is drawn at random for place after place (first weights, batches, negatives) is then the same however users
    and items are ordered, and a model is as well. Other ids are other draws, as another seed is.
    """

    users: Rows
    items: Rows
    train: Interactions

    @classmethod
    def of(cls, split: Split, seed: int | None = None) -> "IdRows":
        """Place a split's users and items by their ids, or by a hash of them that a seed salts."""
        return cls(_places(split.user_ids, seed), _places(split.item_ids, seed), split.train)

    @property
    def order(self) -> Rows:
        """(items,) the row of the split that stands at each place."""
        return np.argsort(self.items)

    @property
    def item_count(self) -> int:
        """The number of items."""
        return len(self.items)

    def histories(self) -> Histories:
        """Return what the users who have any events did, by the users' places; items are places.

        Equal times stay in the order of the split, which its salt decides.
        """
        learnt = self.train.histories()
        users = np.argsort(self.users)
        learnt = learnt.take(users[learnt.lengths[users] > 0])
        return replace(learnt, items=self.items[learnt.items])

    def interactions(self) -> Interactions:
        """Return what is learnt from between places, in the order of time, then user, then item."""
        train = self.train
        users, items = self.users[train.users], self.items[train.items]
        order = np.lexsort((train.weights, items, users, train.times))
        return replace(
            train, users=users[order], items=items[order], times=train.times[order], weights=train.weights[order]
        )

    def pairs(self, *, liked: bool, weight: float) -> Interactions:
        """Return each pair of user and item once between places, all of one weight and without a time."""
        histories = once(self.interactions().histories(), liked=liked)
        nothing = np.zeros(len(histories.items))
        weights = np.full(len(histories.items), weight, dtype=np.float32)
        counts = self.train.user_count, self.train.item_count
        return Interactions(histories.users, histories.items, nothing, weights, *counts)


@dataclass(frozen=True, slots=True)
class FittedByPlace:
    """A model that knows items by place, answering by the rows of the split."""

    places: Rows
    inner: Fitted

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) what the inner model says."""
        scores = self.inner.scores(replace(histories, items=self.places[histories.items]))
        return np.asarray(scores[:, self.places], dtype=np.float32)


def _places(ids: IdMap, seed: int | None) -> Rows:
    """Return the place of each row."""
    names = list(ids)
    if seed is None:
        order = np.asarray(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    else:
        order = np.argsort(salted(seed, names), kind="stable")
    return np.argsort(order, kind="stable")
