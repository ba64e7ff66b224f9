"""EASE: every item told from all others by one ridge regression (Steck 2019), in closed form."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.peers.item_square import ItemSquare, gram, most_met, regress
from plait.evaluation.peers.met import met
from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories

SETTINGS = grid(ridge=(20.0, 50.0, 100.0, 200.0, 500.0, 1000.0), liked=(0, 1))


@dataclass(frozen=True, slots=True)
class FittedEase:
    """What each item says for each other, and whether only likings are read."""

    square: ItemSquare
    liked: bool

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) the sums over the history; NaN for items that take no part."""
        return self.square.scores(met(histories, self.square.item_count, liked=self.liked))


class Ease:
    """EASE over who met what, or over who liked what, as chosen; of a large catalogue the most met MOST_ITEMS."""

    name = "ease"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose the ridge, and whether an event that is no liking counts."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedEase:
        """Solve for the weights of all pairs of items."""
        train, liked = split.train, bool(settings["liked"])
        pairs = met(train.histories(), train.item_count, liked=liked)
        rows = most_met(pairs, split.ties)
        weights = regress(gram(pairs[:, rows]), settings["ridge"])
        return FittedEase(ItemSquare(rows, weights.astype(np.float32, copy=False), train.item_count), liked)
