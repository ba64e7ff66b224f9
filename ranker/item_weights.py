"""ItemWeights: which items follow from which, in closed form (EASE, Steck 2019), read from recent history first."""

from dataclasses import dataclass

import numpy as np

from ranker.interactions import Floats, Interactions, Recent, Rows
from ranker.nearness import add_near_gram, once

MOST_ITEMS = 6_000
"""The weights are a dense square: of larger catalogues only the most touched items take part."""
WHOLE = 1e6
"""A reach or a time constant as good as none: the whole history counts alike."""


@dataclass(frozen=True, slots=True)
class ItemWeightSettings:
    """How item weights are learnt and read.

    `regularization` is that of `fit_item_weights`; over `reach` places between them two items of a history count e
    times less as a pair; `time_constant` is how many events back an entry of a history that is read counts half.
    """

    regularization: float = 10.0
    reach: float = 50.0
    time_constant: float = 2.0


@dataclass(frozen=True, slots=True)
class ItemWeights:
    """`weights[i, j]` says how much an event with item `rows[i]` speaks for item `rows[j]`; 0 on the diagonal."""

    rows: Rows
    weights: Floats

    def places(self, item_count: int) -> Rows:
        """Return (item_count,) the place of each item in the square, -1 for items that take no part."""
        places = np.full(item_count, -1, dtype=np.int64)
        places[self.rows] = np.arange(len(self.rows))
        return places

    def score(self, recent: Rows, strengths: Floats, candidates: Rows) -> Floats:
        """Return (m, c) the sum over recent places (m, width) of strength times weight; a place of -1 adds nothing."""
        scores = np.zeros(candidates.shape, dtype=np.float32)
        if not len(self.rows):
            return scores
        for user, places in enumerate(recent):
            used = np.flatnonzero((places >= 0) & (strengths[user] != 0))
            known = np.flatnonzero(candidates[user] >= 0)
            # Whole rows and then the candidates: five times as fast as gathering each pair.
            everything = strengths[user, used] @ self.weights[places[used]]
            scores[user, known] = everything[candidates[user, known]]
        return scores


def fit_item_weights(interactions: Interactions, *, regularization: float, reach: float = WHOLE) -> ItemWeights:
    """Return B = I - P / diag(P), P the inverse of (G + lambda I), G the nearness of items that users met.

    Without a reach G is X^T X over users and items that met (EASE); with one, items met close to one another count
    more. lambda is `regularization` times the mean number of users of an item, so that it suits a log of any size.
    """
    rows = most_met(interactions)
    if len(rows) < 2:
        return ItemWeights(rows[:0], np.zeros((0, 0), dtype=np.float32))
    gram = near_gram(interactions, rows, reach)
    return ItemWeights(rows, regressed(gram, regularization))


def most_met(interactions: Interactions) -> Rows:
    """Return ascending rows of the items that take part."""
    counts = np.bincount(interactions.items, minlength=interactions.item_count)
    return np.sort(np.argsort(-counts, kind="stable")[: min(MOST_ITEMS, int((counts > 0).sum()))])


def near_gram(interactions: Interactions, rows: Rows, reach: float) -> Floats:
    """Return (k, k), k = len(rows), how near to one another users met two items; how many met one on the diagonal."""
    gram = np.zeros((len(rows), len(rows)), dtype=np.float32)
    add_near_gram(gram, once(interactions.histories()), rows, interactions.item_count, reach)
    return gram


def regressed(gram: Floats, regularization: float) -> Floats:
    """Return the weights of a Gram matrix (k, k), which is left as it was."""
    ridged = gram.copy()
    ridged[np.diag_indices_from(ridged)] += regularization * float(np.diag(gram).mean())
    inverse = np.linalg.inv(ridged)
    weights = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights, dtype=np.float32)


def recent_places(recent: Recent, places: Rows) -> Rows:
    """Return (m, width) the place of each recent item in the square, -1 for none."""
    return np.where(recent.items >= 0, places[np.maximum(recent.items, 0)], -1) if len(places) else recent.items * 0 - 1
