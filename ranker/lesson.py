"""Lesson: how each part of a score is learnt, whatever it is learnt from."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ranker.attention import DESIGN, PLAIN, Attention
from ranker.attention_search import choose_attention
from ranker.cold_items import ColdFit, fit_cold_items
from ranker.collaborative import fit_als
from ranker.combination import UNLEARNT
from ranker.fit_sequence import SequenceFit, affordable, fit_sequence
from ranker.fit_warm_up import with_warm_up
from ranker.hold_out import HeldOut
from ranker.interactions import Floats, Interactions
from ranker.item_features import ItemFeatures
from ranker.item_weights import ItemWeightSettings, fit_item_weights
from ranker.learning_clock import Clock
from ranker.new_users import AboutUsers, fit_new_users
from ranker.one_thread import one_thread
from ranker.popularity import popularity
from ranker.rank import Ranker, RankerSettings, sequence_factors, taste_factors
from ranker.sequence import SequenceModel
from ranker.sequence_settings import SequenceSettings, usual_settings
from ranker.sides import ItemSide, nothing_online

ATTENTION_SHARE = 0.1
"""Of the time left, what learning attention may take."""
ATTENTIONS = (PLAIN, Attention(sharpness=1.0, place_constant=8.0), DESIGN)
"""What held-out likings choose among besides what is learnt: no attention, some, and the sharp form of the design."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What parts are learnt with, whatever they are learnt from."""

    features: ItemFeatures
    vectors: Floats
    users: AboutUsers
    settings: RankerSettings
    seed: int
    clock: Clock
    checkpoint: Path | None

    def read(self, before: Interactions, until: float | None, *, epochs: int | None = None) -> SequenceFit:
        """Learn to read sequences by what is not held out, for as many epochs as say the last of those likings best.

        With `epochs`, for so many at most, whatever they say: as many as were best once are best again. What will go on
        with everything comes to rest without what is held out first, so that it is weighed as what it will be.
        """
        settings = usual_settings(before)
        tried = settings if epochs is None else replace(settings, most_epochs=epochs, patience=epochs)
        now = time.monotonic()
        rest = None if until is None else now + (until - now) / (1.0 + settings.goes_on)
        with self.clock.step("sequence, without what is held out"):
            fit = self._fit(before, tried, rest)
            fit = replace(fit, model=replace(fit.model, settings=settings))
            further = affordable(fit, settings.further(max(fit.best, 1)), until) if settings.goes_on else 0
            rested = self._fit(before, settings, until, epochs=further, start=fit.model) if further else fit
            return replace(fit, model=rested.model) if rested.complete else fit

    def read_all(self, interactions: Interactions, start: SequenceModel | None, epochs: int) -> SequenceFit:
        """Learn to read sequences by everything, for so many epochs; from a `start`, or from nothing."""
        settings = usual_settings(interactions) if start is None else start.settings
        with self.clock.step("sequence"):
            return self._fit(interactions, settings, self.clock.deadline, epochs=epochs, start=start)

    def _fit(
        self,
        log: Interactions,
        settings: SequenceSettings,
        until: float | None,
        *,
        epochs: int | None = None,
        start: SequenceModel | None = None,
    ) -> SequenceFit:
        return fit_sequence(
            log, self.vectors, settings=settings, epochs=epochs, seed=self.seed, start=start, deadline=until,
            progress=self.clock.say, checkpoint=self.checkpoint,
        )  # fmt: skip

    def attend(self, held: HeldOut, time_constant: float, reserve: float = 0.0) -> Attention:
        """Return the attention that suits held-out likings best: a given form, or one learnt from what came before.

        Of the time left `reserve` seconds are for what follows.
        """
        from ranker.attention_network import fit_attention

        with self.clock.step("attention"), one_thread():
            learnt = fit_attention(
                held.before, self.vectors, start=PLAIN, time_constant=time_constant, seed=self.seed,
                deadline=self.clock.share(ATTENTION_SHARE, reserve),
            )  # fmt: skip
            tried, history = (*ATTENTIONS, learnt), self.settings.history
            return choose_attention(held, self.vectors, tried, history=history, time_constant=time_constant)

    def learn(self, interactions: Interactions, chosen: ItemWeightSettings, step: str) -> tuple[Ranker, ColdFit]:
        """Learn the other parts; `chosen` are the settings of the item weights.

        Return a ranker whose parts are not weighed yet, and what its map from content was learnt from.
        """
        with self.clock.step(step), one_thread():
            return self._learn(interactions, chosen)

    def warmed(self, ranker: Ranker, told: ColdFit, interactions: Interactions) -> Ranker:
        """Return the ranker with what first events make of a new item, where there is time; no weight depends on it."""
        if self.clock.left() <= 0:
            return ranker
        with self.clock.step("first events"), one_thread():
            return replace(ranker, cold=with_warm_up(told, interactions).cold)

    def _learn(self, interactions: Interactions, chosen: ItemWeightSettings) -> tuple[Ranker, ColdFit]:
        settings, count = self.settings, interactions.item_count
        als = fit_als(interactions, factors=settings.factors, regularization=settings.regularization, seed=self.seed)
        met = np.bincount(interactions.items[interactions.weights > 0], minlength=count) > 0
        factors = als.factors.projected * met[:, None]
        square = fit_item_weights(interactions, regularization=chosen.regularization, reach=chosen.reach)
        new_users = fit_new_users(interactions, self.users.attributes, self.users.relations)
        told = fit_cold_items(interactions, self.features)
        side = ItemSide(
            np.arange(count), met, factors, popularity(interactions), square.places(count),
            sequence_factors(None, count), taste_factors(new_users, count), told.cold.items(self.features),
            nothing_online(count),
        )  # fmt: skip
        gram = np.asarray(factors.T @ factors, dtype=np.float32)
        ranker = Ranker(
            settings, side, gram, square, None, new_users, told.cold, chosen.time_constant, ATTENTIONS[0], UNLEARNT
        )
        return ranker, told
