"""Learning a warm-up: what the first events of an item are worth beside content, on items taken for new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ranker.cold_items import ColdFit, contacts
from ranker.cold_share import cold_gain
from ranker.content_ridge import spread_sample
from ranker.interactions import Floats, Interactions, Rows
from ranker.warm_up import USUAL, FirstUsers, WarmUp

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

HOLDS = (10.0, 30.0, 100.0, 300.0, 1000.0)
REACHES = (0.25, 0.5, 1.0, 2.0, 4.0)
LIFTS = (0.0, 0.6, 1.2, 2.4, 3.6, 4.8)
"""Of a score, of which tastes alone make a standard deviation of 1."""
JUDGES = 300
"""Users who judge: some thirty times, so that they are fewer than for what is chosen once."""
REVEALED = 10
"""Events of each item taken for new, by which it is chosen."""
LEAST_ANCHORS = 30
LEAST_VARIANCE = 0.02
"""Of the most uncertain direction's variance; content is never taken to be surer of another."""


def with_warm_up(learnt: ColdFit, interactions: Interactions) -> ColdFit:
    """Return what was learnt with the warm-up that suits it."""
    return replace(learnt, cold=replace(learnt.cold, warm_up=fit_warm_up(learnt, interactions)))


def fit_warm_up(learnt: ColdFit, interactions: Interactions) -> WarmUp:
    """Choose what an expectation is worth, how far first users speak for an item, and how much better ones lift it.

    Each item that was learnt from is ranked by its first REVEALED events for all who are not among these.
    """
    centre = learnt.cold.warm_up.centre
    off = ((learnt.directions.items - centre - learnt.left_out[:, :-1]) ** 2).mean(axis=0)
    least = max(LEAST_VARIANCE * off.max(initial=0.0), 1e-12)
    relative = (off.max(initial=0.0) / np.maximum(off, least)).astype(np.float32)
    if len(learnt.rows) < LEAST_ANCHORS:
        return WarmUp(USUAL[0] * relative, USUAL[1], centre)
    trial = _Trial.of(learnt, interactions)
    usual = float(interactions.weights.mean())
    held = [WarmUp(np.float32(hold) * relative, reach, centre, usual=usual) for hold, reach in product(HOLDS, REACHES)]
    best = trial.best(held)
    return trial.best([replace(best, lift=lift / learnt.cold.share) for lift in LIFTS])


@dataclass(frozen=True, slots=True)
class _Trial:
    """The items learnt from, taken for new: what their first users add up to, who judges and what is wanted.

    `hidden` (j, a) are a judge's own first events, which are not ranked.
    """

    learnt: ColdFit
    first: FirstUsers
    judging: "csr_matrix"
    hidden: NDArray[np.bool_]
    wanted: "csr_matrix"

    @classmethod
    def of(cls, learnt: ColdFit, interactions: Interactions) -> "_Trial":
        """Reveal the first events."""
        from scipy.sparse import csr_matrix

        met = contacts(*_columns(interactions, interactions.weights > -np.inf))[:, learnt.rows]
        liked = contacts(*_columns(interactions, interactions.weights > 0))[:, learnt.rows]
        users, places, weights = first_events(interactions, learnt.rows, REVEALED)
        judging = spread_sample(np.diff(met.indptr), JUDGES)
        hidden = np.zeros(met.shape, dtype=np.bool_)
        hidden[users, places] = True
        wanted = csr_matrix(liked[judging].toarray() * ~hidden[judging])
        tastes = tastes_without(learnt, met, users, places)
        first = FirstUsers.of(places, weights, tastes, len(learnt.rows))
        return cls(learnt, first, met[judging], hidden[judging], wanted)

    def best(self, tried: Sequence[WarmUp]) -> WarmUp:
        """Return the warm-up that ranks best, the first of equal ones."""
        return tried[int(np.argmax([self._gain(each) for each in tried]))]

    def _gain(self, warm_up: WarmUp) -> float:
        warmed = warm_up.warm(self.learnt.left_out, self.first)
        scores = self.learnt.scores(self.judging, warmed[:, :-1])
        scores += np.float32(self.learnt.cold.share) * warmed[:, -1]
        return cold_gain(np.where(self.hidden, -np.inf, scores), self.wanted)


def tastes_without(learnt: ColdFit, met: "csr_matrix", users: Rows, places: Rows) -> Floats:
    """Return (e, k) the tastes of `users` (e,) with contacts `met` (m, a), each told without the item at its place."""
    return learnt.cold.calm(learnt.directions.tastes_without(met[users], places) / np.float32(learnt.usual))


def first_events(interactions: Interactions, rows: Rows, most: int) -> tuple[Rows, Rows, Floats]:
    """Return users, places in `rows` and weights of the first `most` events of each item, each user once an item."""
    places = np.full(interactions.item_count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    kept = np.flatnonzero(places[interactions.items] >= 0)
    pairs = interactions.users[kept] * interactions.item_count + interactions.items[kept]
    kept = kept[np.sort(np.unique(pairs, return_index=True)[1])]
    kept = kept[np.argsort(places[interactions.items[kept]], kind="stable")]
    owners = places[interactions.items[kept]]
    rank = np.arange(len(kept)) - np.searchsorted(owners, owners)
    first = kept[rank < most]
    return interactions.users[first], places[interactions.items[first]], interactions.weights[first]


def _columns(interactions: Interactions, chosen: NDArray[np.bool_]) -> tuple[Rows, Rows, Floats, tuple[int, int]]:
    shape = (interactions.user_count, interactions.item_count)
    return interactions.users[chosen], interactions.items[chosen], interactions.weights[chosen], shape
