"""Plait itself, judged as the others are: it learns from the split and nothing else."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import expit

from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import mean_gain
from plait.evaluation.splits import Split
from plait.flows.train import TrainingItems
from plait.user_features import KnownUsers
from ranker.fit import LIKINGS, fit_ranker
from ranker.hold_out import HORIZONS, Horizon, hold_out
from ranker.interactions import Floats, Histories, Rows
from ranker.item_weights import ItemWeights, fit_item_weights, recent_places
from ranker.item_weights_search import choose_item_weights
from ranker.new_users import AboutUsers, Start
from ranker.rank import Ranker, RankerSettings
from ranker.recency import contact

USERS_AT_ONCE = 64
HORIZON = "horizon"
CLEARLY = 1.1
"""By what factor a horizon must be better than the one before it that was chosen."""


@dataclass(frozen=True, slots=True)
class FittedPlait:
    """A ranker and the items it ranks.

    `about` is what is known of the split's users besides; `users` (m,) of them are whose histories are scored, None
    for histories of nobody in particular.
    """

    ranker: Ranker
    vectors: Floats
    about: AboutUsers
    users: Rows | None = None

    @property
    def chosen(self) -> Settings:
        """How many events back counts half, which was chosen inside what was learnt, and what the factors are."""
        settings = self.ranker.settings
        sizes = {"factors": settings.factors, "regularization": settings.regularization, "history": settings.history}
        return {"time_constant": self.ranker.time_constant, **sizes}

    def of_users(self, users: Rows) -> "FittedPlait":
        """Return the same for the histories of `users` (m,)."""
        return replace(self, users=users)

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) logits, by the same fold-in and parts that answer a recommendation."""
        everything = np.arange(len(self.vectors))
        parts = [
            self._logits(histories, rows, np.tile(everything, (len(rows), 1)), self.vectors[None])
            for rows in _batches(len(histories))
        ]
        return np.concatenate([np.empty((0, len(everything)), dtype=np.float32), *parts])

    def chances(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,) the score that a recommendation shows, sigmoid(logit)."""
        parts = [
            self._logits(histories, rows, items[rows, None], self.vectors[items[rows], None])[:, 0]
            for rows in _batches(len(histories))
        ]
        return np.asarray(expit(np.concatenate([np.empty(0, dtype=np.float32), *parts])), dtype=np.float32)

    def _logits(self, histories: Histories, rows: Rows, candidates: Rows, vectors: Floats) -> Floats:
        """Return (m, c) logits of candidates (m, c) for the histories at `rows` (m,)."""
        users = self.ranker.user_side(
            histories.take(rows), self.ranker.items, lambda items: self.vectors[items], start=self._start(rows)
        )
        logits = self.ranker.score(users, self.ranker.items, candidates, vectors).logits
        return np.asarray(logits, dtype=np.float32)

    def _start(self, rows: Rows) -> Start | None:
        """Return what is expected of whose histories are at `rows` (m,) before any event, None for nothing."""
        if self.users is None or self.ranker.new_users is None:
            return None
        return self.ranker.new_users.start_of(self.about, self.users[rows])


def _batches(count: int) -> list[Rows]:
    return [np.arange(start, min(start + USERS_AT_ONCE, count)) for start in range(0, count, USERS_AT_ONCE)]


@dataclass(frozen=True, slots=True)
class PlaitPeer:
    """Plait on the items of a workspace; parts of the score in `without` weigh nothing.

    `users` are their attributes and relations, which are no events: of a hidden user they are known, as they
    are of somebody who has just signed up.
    """

    items: TrainingItems
    name: str = "plait"
    without: tuple[str, ...] = ()
    users: KnownUsers = field(default_factory=KnownUsers)

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose the horizon, by its place in HORIZONS: which likings the ranker is to be weighed by.

        Everything else `fit` chooses itself, inside what it learns from. The horizon is judged by what it makes of the
        item weights alone, which is quick, and left only for a later one that is clearly better.
        """
        gains = [mean_gain(_Followers.of(validation, horizon, seed), validation) for horizon in HORIZONS]
        chosen = 0
        for place, gain in enumerate(gains):
            # They stand in the order of how many likings can be held out: fewer make wilder weights.
            if gain > CLEARLY * gains[chosen]:
                chosen = place
        return {HORIZON: float(chosen)}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedPlait:
        """Train on the split, as `plait train` does on the whole log."""
        known = self.users.table(split.user_ids)
        about = AboutUsers(known.matrix, known.relations)
        fit = fit_ranker(
            split.train, self.items.vectors, self.items.features, seed=seed, without=self.without,
            horizon=HORIZONS[int(settings.get(HORIZON, 0.0))], users=about,
        )  # fmt: skip
        return FittedPlait(fit.ranker, self.items.vectors, about)


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
