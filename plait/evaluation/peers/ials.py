"""iALS: matrix factorisation of implicit feedback (Hu, Koren, Volinsky 2008) by the library implicit."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.peers.id_rows import IdRows
from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from ranker.collaborative import CONFIDENCE, fit_als
from ranker.fold_in import fold_in_users
from ranker.interactions import Floats, Histories
from ranker.nearness import once

SETTINGS = grid(factors=(16, 32, 64), regularization=(1.0, 10.0), liked=(0, 1))
SURENESS = 1.0
"""Alpha of the paper: what was met counts 1 + SURENESS times as much as what was not, as implicit's factors do."""
USERS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class FittedIals:
    """Item factors (items, k), their ridge, and whether only likings are read."""

    factors: Floats
    regularization: float
    liked: bool

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) products with the user's factors, those of one step of ALS with the items fixed."""
        scores = np.zeros((len(histories), len(self.factors)), dtype=np.float32)
        read, gram = once(histories, liked=self.liked), self.factors.T @ self.factors
        # The longest of a batch decides its width: users of like length go together.
        order = np.argsort(read.lengths, kind="stable")
        for start in range(0, len(order), USERS_AT_ONCE):
            rows = order[start : start + USERS_AT_ONCE]
            recent = read.take(rows).recent(int(read.lengths[rows].max()))
            strengths = recent.used * np.float32(SURENESS / CONFIDENCE)
            scores[rows] = fold_in_users(self.factors, gram, recent, strengths, self.regularization) @ self.factors.T
        return scores


class Ials:
    """iALS over who met what, or over who liked what, as chosen."""

    name = "ials"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose the number of factors, their ridge, and whether an event that is no liking counts."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedIals:
        """Factorise from a start that `seed` and the ids decide."""
        liked, regularization, order = bool(settings["liked"]), settings["regularization"], IdRows.of(split)
        pairs = order.pairs(liked=liked, weight=SURENESS / CONFIDENCE)
        learnt = fit_als(pairs, factors=int(settings["factors"]), regularization=regularization, seed=seed)
        return FittedIals(learnt.factors.items[order.items], regularization, liked)
