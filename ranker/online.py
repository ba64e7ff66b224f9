"""Online: what learning from the stream has added to a ranker, and how a ranker answers with it."""

from dataclasses import dataclass, replace

import numpy as np

from ranker.combination import KNOTS, PARTS, Combination, Weights
from ranker.interactions import Floats, Rows
from ranker.rank import Ranker

SHAPE = (len(KNOTS), len(PARTS))


@dataclass(frozen=True, slots=True)
class Online:
    """How the ranker of a training is moved by what came after it.

    `combination` takes the place of the ranker's; `first` and `second` (KNOTS, parts) are Adam's moments of the
    logarithms of its weights, `steps` how many there were. `items` (n, 1 + k) are what n items, by the caller's rows,
    have learnt: a bias, and what is added to the factors that are multiplied with a user's unit factors.
    """

    combination: Combination
    first: Weights
    second: Weights
    steps: int
    items: Floats

    def take(self, rows: Rows) -> "Online":
        """Return the same for other items: those at `rows` (m,), new ones, of which nothing is learnt, at -1."""
        items = np.zeros((len(rows), self.items.shape[1]), dtype=np.float32)
        items[rows >= 0] = self.items[rows[rows >= 0]]
        return replace(self, items=items)


def nothing_learnt(ranker: Ranker, item_count: int) -> Online:
    """Return what there is before anything was learnt online of `item_count` items."""
    items = np.zeros((item_count, 1 + ranker.items.factors.shape[1]), dtype=np.float32)
    return Online(ranker.combination, np.zeros(SHAPE), np.zeros(SHAPE), 0, items)


def moved(ranker: Ranker, online: Online) -> Ranker:
    """Return the ranker as it answers with what was learnt online; `online` is by the rows of the training."""
    items = replace(ranker.items, online=online.items)
    return replace(ranker, items=items, combination=online.combination)
