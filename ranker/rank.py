"""The learned ranker: `score = sigmoid(sum of parts)`, and the parts are the explanation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.cold import ContentMap, ItemFeatures
from ranker.combination import PARTS, Combination
from ranker.fold_in import fold_in_users
from ranker.interactions import Floats, Histories, Rows
from ranker.item_weights import ItemWeights, recent_places
from ranker.parts import raw_parts
from ranker.profile import explain, pool_profiles
from ranker.recency import decay, salience
from ranker.sides import ItemSide, UserSide

PART_NAMES = (*PARTS, "bias")
VectorsOf = Callable[[Rows], Floats]
"""Gathers item vectors (..., D) by rows (...), a copy."""


@dataclass(frozen=True, slots=True)
class RankerSettings:
    """How a ranker is learnt."""

    factors: int = 64
    regularization: float = 10.0
    history: int = 200
    """Recent events that are looked at."""


@dataclass(frozen=True, slots=True)
class Scored:
    """`parts` (m, c, parts + bias) float64 sum to `logits` (m, c); a score is sigmoid(logit)."""

    parts: NDArray[np.float64]
    logits: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranker:
    """What `fit_ranker` returns.

    `items` are the items it was learnt from, by the rows of the training; `gram` (k, k) their factors' product;
    `time_constant` is how many events back a history entry counts half.
    """

    settings: RankerSettings
    items: ItemSide
    gram: Floats
    content: ContentMap
    item_weights: ItemWeights
    time_constant: float
    combination: Combination

    def item_side(self, features: ItemFeatures, known: Rows) -> ItemSide:
        """Return n items by the caller's rows: `known` (n,) rows of the training, -1 for items it did not know.

        `features` describe only the unknown ones, in order.
        """
        side = self.items.take(np.maximum(known, 0))
        unknown = known < 0
        if not unknown.any():
            return side
        factors, met = side.factors.copy(), side.met & ~unknown
        factors[unknown] = self.content.predict(features)
        popularity = np.where(unknown, 0.0, side.popularity).astype(np.float32)
        return ItemSide(factors, met, popularity, np.where(unknown, -1, side.places))

    def user_side(self, histories: Histories, items: ItemSide, vectors_of: VectorsOf) -> UserSide:
        """Fold histories (m users, item rows of the caller) in, in closed form. Rows of -1 are passed over."""
        recent = histories.recent(self.settings.history)
        known = np.maximum(recent.items, 0)
        vectors = vectors_of(known)
        if (recent.items < 0).any():
            vectors[recent.items < 0] = 0.0
        met = items.met[known] & (recent.items >= 0) if len(items) else recent.used
        strengths = recent.weights * decay(recent, self.time_constant) * met
        factors = fold_in_users(items.factors, self.gram, recent, strengths, self.settings.regularization)
        profiles = pool_profiles(recent, vectors, time_constant=self.time_constant)
        spoken = salience(recent, self.time_constant)
        places = recent_places(recent, items.places)
        return UserSide(factors, profiles, recent, vectors, spoken, places, histories.lengths)

    def score(self, users: UserSide, items: ItemSide, candidates: Rows, vectors: Floats) -> Scored:
        """Score candidates (m, c) of m users; `vectors` (m, c, D) or (1, c, D) where all have the same.

        A candidate of -1 scores as an item nobody knows; mask it.
        """
        parts = raw_parts(users, items, candidates, vectors, self.item_weights)
        weighed = self.combination.apply(parts, users.lengths)
        return Scored(weighed, weighed.sum(axis=2))

    def because(self, users: UserSide, candidates: Floats) -> Floats:
        """Return (m, c, width) how much each recent entry speaks for candidates with vectors (m, c, D)."""
        return explain(users.profiles.attention, users.history, candidates)
