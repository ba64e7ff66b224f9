"""Hashed rows: items and users in the order of a salted hash of their ids, so that no draw depends on their rows."""

from dataclasses import dataclass, replace

import numpy as np

from index.vector_index import Rows
from plait.evaluation.peers.peer import Fitted
from plait.evaluation.salted import salted
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories


@dataclass(frozen=True, slots=True)
class HashedRows:
    """`order` (items,) the row of the split that stands at each place, `places` (items,) the place of each row.

    What is drawn at random for place after place (first weights, batches, negatives) is then the same however users
    and items are ordered, and a model is as well. Other ids are other draws, as another seed is.
    """

    order: Rows
    places: Rows
    histories: Histories

    @classmethod
    def of(cls, split: Split, seed: int) -> "HashedRows":
        """Return the places of a split's items, and of its users who have events what may be learnt from.

        The histories are in the order of the users' hashes; items are places.
        """
        order = np.argsort(salted(seed, split.item_ids), kind="stable")
        places = np.argsort(order, kind="stable")
        learnt = split.train.histories()
        users = np.argsort(salted(seed, split.user_ids), kind="stable")
        learnt = learnt.take(users[learnt.lengths[users] > 0])
        return cls(order, places, replace(learnt, items=places[learnt.items]))

    @property
    def item_count(self) -> int:
        """The number of items."""
        return len(self.order)


@dataclass(frozen=True, slots=True)
class FittedByPlace:
    """A model that knows items by place, answering by the rows of the split."""

    places: Rows
    inner: Fitted

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) what the inner model says."""
        scores = self.inner.scores(replace(histories, items=self.places[histories.items]))
        return np.asarray(scores[:, self.places], dtype=np.float32)
