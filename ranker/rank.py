"""The learned ranker: `score = sigmoid(sum of parts)`, and the parts are the explanation."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.attention import Attention
from ranker.cold_items import ColdItems
from ranker.combination import PARTS, Combination
from ranker.fold_in import fold_in_users
from ranker.interactions import Floats, Histories, Recent, Rows
from ranker.item_features import ItemFeatures
from ranker.item_weights import ItemWeights, recent_places
from ranker.new_users import NewUsers, Start
from ranker.parts import CF, POPULARITY, learnt_online, raw_parts
from ranker.profile import explain, pool_profiles
from ranker.recency import contact, decay
from ranker.sequence import SequenceModel
from ranker.sides import ItemSide, UserSide

PART_NAMES = (*PARTS, "bias")
VectorsOf = Callable[[Rows], Floats]
"""Gathers item vectors (..., D) by rows (...), a copy."""


@dataclass(frozen=True, slots=True)
class RankerSettings:
    """How a ranker is learnt."""

    factors: int = 128
    regularization: float = 30.0
    history: int = 200
    """Recent events whose contents make the profile and the sequence."""
    reading: int = 1_000
    """Recent events of which factors and item weights read the items: the whole history of all but a few."""


@dataclass(frozen=True, slots=True)
class Scored:
    """`parts` (m, c, parts + bias) float64 sum to `logits` (m, c); a score is sigmoid(logit)."""

    parts: NDArray[np.float64]
    logits: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranker:
    """What `fit_ranker` returns.

    `items` are the items it was learnt from, by the rows of the training; `gram` (k, k) their factors' product;
    `time_constant` is how many events back a history entry counts half; `attention` pools profiles. `sequence`,
    `new_users` and `cold` are None where nothing was learnt.
    """

    settings: RankerSettings
    items: ItemSide
    gram: Floats
    item_weights: ItemWeights
    sequence: SequenceModel | None
    new_users: NewUsers | None
    cold: ColdItems | None
    time_constant: float
    attention: Attention
    combination: Combination

    def item_side(self, features: ItemFeatures, vectors: Floats, known: Rows) -> ItemSide:
        """Return n items by the caller's rows: `known` (n,) rows of the training, -1 for items it did not know.

        `features` describe only the unknown ones, in order, and so do `vectors` (unknown, D).
        """
        side = self.items.take(np.maximum(known, 0))
        unknown = known < 0
        if not unknown.any():
            return side
        nobody = np.zeros(int(unknown.sum()), dtype=np.float32)
        new = replace(
            side.take(np.flatnonzero(unknown)),
            rows=np.full(len(nobody), -1), met=nobody > 0, popularity=nobody, places=np.full(len(nobody), -1),
        )  # fmt: skip
        for name in ("factors", "sequence", "taste", "cold", "online"):
            new = replace(new, **{name: np.zeros_like(getattr(new, name))})
        if self.sequence is not None:
            new.sequence[:, :-1] = self.sequence.embed(vectors)
        if self.cold is not None:
            new = replace(new, cold=self.cold.items(features).astype(np.float32, copy=False))
        order = np.where(unknown, np.cumsum(unknown) - 1 + len(side), np.arange(len(side)))
        return side.extend(new).take(order)

    def user_side(
        self, histories: Histories, items: ItemSide, vectors_of: VectorsOf, *, start: Start | None = None
    ) -> UserSide:
        """Fold histories (m users, item rows of the caller) in, in closed form. Rows of -1 are passed over.

        `start` is what is expected of them before any event, by attributes and friends.
        """
        recent = histories.recent(self.settings.history)
        vectors = vectors_of(np.maximum(recent.items, 0))
        if (recent.items < 0).any():
            vectors[recent.items < 0] = 0.0
        read = histories.recent(self.settings.reading)
        met = items.met[np.maximum(read.items, 0)] & (read.items >= 0) if len(items) else read.used
        strengths = read.weights * decay(read, self.time_constant) * met
        factors = fold_in_users(items.factors, self.gram, read, strengths, self.settings.regularization)
        profiles = pool_profiles(recent, vectors, time_constant=self.time_constant, attention=self.attention)
        spoken = contact(read, self.time_constant)
        places = recent_places(read, items.places)
        states = expected(self.sequence, recent, items.sequence)
        trained = replace(histories, items=rows_of(items, histories.items))
        told = taste_of(self.new_users, rows_of(items, recent.items), recent.weights, start, items.taste.shape[1])
        cold = np.zeros((len(histories), 1), np.float32) if self.cold is None else self.cold.users(trained)
        return UserSide(factors, profiles, recent, vectors, spoken, places, states, *told, cold, histories.lengths)

    def score(self, users: UserSide, items: ItemSide, candidates: Rows, vectors: Floats) -> Scored:
        """Score candidates (m, c) of m users; `vectors` (m, c, D) or (1, c, D) where all have the same.

        A candidate of -1 scores as an item nobody knows; mask it.
        """
        weighed = self.combination.apply(self.raw_parts(users, items, candidates, vectors), users.lengths)
        bias, cf = learnt_online(items.online[np.maximum(candidates, 0)], users.factors)
        weighed[:, :, POPULARITY] += bias
        weighed[:, :, CF] += cf
        return Scored(weighed, weighed.sum(axis=2))

    def raw_parts(self, users: UserSide, items: ItemSide, candidates: Rows, vectors: Floats) -> Floats:
        """Return the parts (m, c, parts) of candidates as `score` weighs them."""
        return raw_parts(users, items, candidates, vectors, self.item_weights)

    def because(self, users: UserSide, candidates: Floats) -> Floats:
        """Return (m, c, width) how much each recent entry speaks for candidates with vectors (m, c, D)."""
        return explain(users.profiles.attention, users.history, candidates)


def rows_of(items: ItemSide, places: Rows) -> Rows:
    """Return the rows of the training of items at `places` of the caller's, -1 for none."""
    if not len(items):
        return np.full(places.shape, -1)
    return np.where(places >= 0, items.rows[np.maximum(places, 0)], -1)


def taste_factors(new_users: NewUsers | None, item_count: int) -> Floats:
    """Return (item_count, r + 1) what tastes add and what is expected of everybody; zero where nothing was learnt."""
    if new_users is None:
        return np.zeros((item_count, 1), dtype=np.float32)
    return np.concatenate([new_users.taste.answers, new_users.taste.expected[:, None]], axis=1)


def taste_of(
    new_users: NewUsers | None, rows: Rows, weights: Floats, start: Start | None, width: int
) -> tuple[Floats, Floats]:
    """Return (m, width) the tastes of users after events with items at `rows`, and 1 for what is expected of all.

    What friends have told of them before is not among these; it is the second, (m, width - 1).
    """
    friends = np.zeros((len(rows), width - 1), dtype=np.float32)
    if new_users is None:
        return np.zeros((len(rows), width), dtype=np.float32), friends
    friends = friends if start is None else start.friends
    tastes = new_users.taste.fold(rows, weights, None if start is None else start.tastes) - friends
    return np.concatenate([tastes, np.ones((len(tastes), 1), dtype=np.float32)], axis=1), friends


def sequence_factors(sequence: SequenceModel | None, item_count: int) -> Floats:
    """Return (item_count, s + 1) factors and bias of the items of a training; zero without an encoder."""
    if sequence is None:
        return np.zeros((item_count, 1), dtype=np.float32)
    return np.concatenate([sequence.item_factors, sequence.bias[:, None]], axis=1)


def expected(sequence: SequenceModel | None, recent: Recent, factors: Floats) -> Floats:
    """Return (m, s + 1) states after recent entries of items with `factors` (n, s + 1), and 1 for the bias."""
    if sequence is None:
        return np.zeros((len(recent.items), factors.shape[1]), dtype=np.float32)
    states = sequence.states(recent, factors=factors[:, :-1])
    return np.concatenate([states, np.ones((len(states), 1), dtype=np.float32)], axis=1)
