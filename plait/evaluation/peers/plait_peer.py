"""Plait itself, judged as the others are: it learns from the split and nothing else."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import mean_gain
from plait.evaluation.splits import Split
from plait.flows.train import TrainingItems
from ranker.fit import LIKINGS, fit_ranker
from ranker.hold_out import HORIZONS, Horizon, hold_out
from ranker.interactions import Floats, Histories, Rows
from ranker.item_weights import ItemWeights, fit_item_weights, recent_places
from ranker.item_weights_search import choose_item_weights
from ranker.rank import Ranker, RankerSettings
from ranker.recency import contact

USERS_AT_ONCE = 64
HORIZON = "horizon"
CLEARLY = 1.1
"""By what factor another horizon must be better than the usual one."""


@dataclass(frozen=True, slots=True)
class FittedPlait:
    """A ranker and the items it ranks."""

    ranker: Ranker
    vectors: Floats

    @property
    def chosen(self) -> Settings:
        """How many events back counts half, which was chosen inside what was learnt, and what the factors are."""
        settings = self.ranker.settings
        sizes = {"factors": settings.factors, "regularization": settings.regularization, "history": settings.history}
        return {"time_constant": self.ranker.time_constant, **sizes}

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) logits, by the same fold-in and parts that answer a recommendation."""
        everything = np.arange(len(self.vectors))
        parts = [
            self._logits(histories.take(rows), np.tile(everything, (len(rows), 1)), self.vectors[None])
            for rows in _batches(len(histories))
        ]
        return np.concatenate([np.empty((0, len(everything)), dtype=np.float32), *parts])

    def chances(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,) the score that a recommendation shows, sigmoid(logit)."""
        parts = [
            self._logits(histories.take(rows), items[rows, None], self.vectors[items[rows], None])[:, 0]
            for rows in _batches(len(histories))
        ]
        return np.asarray(expit(np.concatenate([np.empty(0, dtype=np.float32), *parts])), dtype=np.float32)

    def _logits(self, histories: Histories, candidates: Rows, vectors: Floats) -> Floats:
        """Return (m, c) logits of candidates (m, c)."""
        users = self.ranker.user_side(histories, self.ranker.items, lambda items: self.vectors[items])
        logits = self.ranker.score(users, self.ranker.items, candidates, vectors).logits
        return np.asarray(logits, dtype=np.float32)


def _batches(count: int) -> list[Rows]:
    return [np.arange(start, min(start + USERS_AT_ONCE, count)) for start in range(0, count, USERS_AT_ONCE)]


@dataclass(frozen=True, slots=True)
class PlaitPeer:
    """Plait on the items of a workspace; parts of the score in `without` weigh nothing."""

    items: TrainingItems
    name: str = "plait"
    without: tuple[str, ...] = ()

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose the horizon, by its place in HORIZONS: which likings the ranker is to be weighed by.

        Everything else `fit` chooses itself, inside what it learns from. The horizon is judged by what it makes of the
        item weights alone, which is quick, and left only for one that is clearly better.
        """
        gains = [mean_gain(_Followers.of(validation, horizon, seed), validation) for horizon in HORIZONS]
        best = int(np.argmax(gains))
        return {HORIZON: float(best) if gains[best] > CLEARLY * gains[0] else 0.0}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedPlait:
        """Train on the split, as `plait train` does on the whole log."""
        fit = fit_ranker(
            split.train, self.items.vectors, self.items.features, seed=seed, without=self.without,
            horizon=HORIZONS[int(settings.get(HORIZON, 0.0))],
        )  # fmt: skip
        return FittedPlait(fit.ranker, self.items.vectors)


@dataclass(frozen=True, slots=True)
class _Followers:
    """Item weights as a model of their own."""

    weights: ItemWeights
    places: Rows
    time_constant: float

    @classmethod
    def of(cls, split: Split, horizon: Horizon, seed: int) -> "_Followers":
        """Learn item weights with what suits a horizon."""
        held = hold_out(split.train, seed, likings=LIKINGS, horizon=horizon)
        chosen = choose_item_weights(held, history=RankerSettings().reading, say=lambda _: None, deadline=None)
        weights = fit_item_weights(split.train, regularization=chosen.regularization, reach=chosen.reach)
        return cls(weights, weights.places(split.train.item_count), chosen.time_constant)

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) sums of weights over the recent history."""
        recent = histories.recent(RankerSettings().reading)
        spoken = contact(recent, self.time_constant)
        everything = np.tile(self.places, (len(histories), 1))
        return self.weights.score(recent_places(recent, self.places), spoken, everything)
