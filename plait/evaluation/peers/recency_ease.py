"""EASE on recency-weighted history: items met close to one another tell more, and the newest of a history tell most."""

from dataclasses import dataclass

import numpy as np

from index.vector_index import Rows
from plait.evaluation.peers.item_square import ItemSquare, Square, empty_gram, most_met, regress
from plait.evaluation.peers.met import matrix, places
from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories
from ranker.nearness import add_near_gram, once

SETTINGS = grid(ridge=(100.0, 300.0, 1000.0), memory=(5.0, 15.0), reach=(20.0, 100.0))


@dataclass(frozen=True, slots=True)
class FittedRecencyEase:
    """What each item says for each other, and how many events a history remembers."""

    square: ItemSquare
    memory: float

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) the sums over the history, weighed by exp(-place / memory); NaN where none takes part."""
        read = once(histories)
        weights = np.exp(-places(read) / self.memory).astype(np.float32)
        return self.square.scores(matrix(read, self.square.item_count, weights))


class RecencyEase:
    """EASE whose Gram matrix counts a pair of items as exp(-places between them / reach), and 1 at no distance."""

    name = "recency-ease"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose the ridge, how long a history remembers, and how far items reach for one another."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedRecencyEase:
        """Solve for the weights of all pairs of items."""
        train = split.train
        histories = once(train.histories())
        rows = most_met(matrix(histories, train.item_count), split.ties)
        weights = regress(near_gram(histories, rows, train.item_count, settings["reach"]), settings["ridge"])
        square = ItemSquare(rows, weights.astype(np.float32, copy=False), train.item_count)
        return FittedRecencyEase(square, settings["memory"])


def near_gram(histories: Histories, rows: Rows, item_count: int, reach: float) -> Square:
    """Return (k, k) for items `rows` (k,) how near to one another users met them, of the precision that suits k."""
    square = empty_gram(len(rows))
    add_near_gram(square, histories, rows, item_count, reach)
    return square
