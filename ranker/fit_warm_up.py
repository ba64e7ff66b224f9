"""Learning a warm-up: how many first events an expectation is worth, on items taken for new."""

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ranker.cold_items import ColdFit, contacts
from ranker.cold_share import cold_gain, judges
from ranker.interactions import Floats, Interactions, Rows
from ranker.warm_up import USUAL, WarmUp

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

HOLDS = (10.0, 30.0, 100.0, 300.0, 1000.0)
REACHES = (0.25, 0.5, 1.0, 2.0, 4.0)
REVEALED = 10
"""Events of each item taken for new, by which what an expectation is worth is chosen."""
LEAST_ANCHORS = 30
LEAST_VARIANCE = 0.02
"""Of the most uncertain direction's variance; content is never taken to be surer of another."""


@dataclass(frozen=True, slots=True)
class _Revealed:
    """The first events of each anchor: `told` (m, a) strengths, and what they sum to as `WarmUp.warm` asks."""

    told: "csr_matrix"
    sums: Floats
    strengths: Floats


def with_warm_up(learnt: ColdFit, interactions: Interactions) -> ColdFit:
    """Return what was learnt with the warm-up that suits it."""
    return replace(learnt, cold=replace(learnt.cold, warm_up=fit_warm_up(learnt, interactions)))


def fit_warm_up(learnt: ColdFit, interactions: Interactions) -> WarmUp:
    """Choose what an expectation is worth, and how far first users speak for an item, on items taken for new.

    Each is ranked by its first REVEALED events for all who are not among these.
    """
    from scipy.sparse import csr_matrix

    off = ((learnt.directions.items - learnt.left_out[:, :-1]) ** 2).mean(axis=0)
    relative = (off.max(initial=0.0) / np.maximum(off, max(LEAST_VARIANCE * off.max(initial=0.0), 1e-12))).astype(
        np.float32
    )
    if len(learnt.rows) < LEAST_ANCHORS:
        return WarmUp(USUAL[0] * relative, USUAL[1])
    tried = [WarmUp(np.float32(hold) * relative, reach) for hold, reach in product(HOLDS, REACHES)]
    met = contacts(*_columns(interactions, interactions.weights > -np.inf))[:, learnt.rows]
    liked = contacts(*_columns(interactions, interactions.weights > 0))[:, learnt.rows]
    revealed, judging = reveal(learnt, interactions, met, REVEALED), judges(met)
    hidden = revealed.told[judging].toarray() > 0
    wanted = csr_matrix(liked[judging].toarray() * ~hidden)
    gains = []
    for each in tried:
        warmed = each.warm(learnt.left_out, revealed.sums, revealed.strengths)
        scores = learnt.scores(met[judging], warmed[:, :-1])
        scores += np.float32(learnt.cold.share) * warmed[:, -1]
        gains.append(cold_gain(np.where(hidden, -np.inf, scores), wanted))
    return tried[int(np.argmax(gains))]


def reveal(learnt: ColdFit, interactions: Interactions, met: "csr_matrix", most: int) -> _Revealed:
    """Return the first `most` events of each anchor, by users whose tastes are told without that very item."""
    from scipy.sparse import csr_matrix

    users, places, strengths = first_events(interactions, learnt.rows, most)
    tastes = learnt.cold.calm(learnt.directions.tastes_without(met[users], places) / np.float32(learnt.usual))
    sums = np.zeros((len(learnt.rows), tastes.shape[1]), dtype=np.float32)
    np.add.at(sums, places, strengths[:, None] * tastes)
    told = csr_matrix((strengths, (users, places)), shape=met.shape)
    return _Revealed(told, sums, np.bincount(places, weights=strengths, minlength=len(sums)).astype(np.float32))


def first_events(interactions: Interactions, rows: Rows, most: int) -> tuple[Rows, Rows, Floats]:
    """Return users, places in `rows` and strengths of the first `most` events of each item, each user once an item."""
    places = np.full(interactions.item_count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    strengths = np.maximum(1.0 + interactions.weights, 0.0)
    kept = np.flatnonzero((places[interactions.items] >= 0) & (strengths > 0))
    pairs = interactions.users[kept] * interactions.item_count + interactions.items[kept]
    kept = kept[np.sort(np.unique(pairs, return_index=True)[1])]
    kept = kept[np.argsort(places[interactions.items[kept]], kind="stable")]
    owners = places[interactions.items[kept]]
    rank = np.arange(len(kept)) - np.searchsorted(owners, owners)
    first = kept[rank < most]
    return interactions.users[first], places[interactions.items[first]], strengths[first].astype(np.float32)


def _columns(interactions: Interactions, chosen: NDArray[np.bool_]) -> tuple[Rows, Rows, Floats, tuple[int, int]]:
    shape = (interactions.user_count, interactions.item_count)
    return interactions.users[chosen], interactions.items[chosen], interactions.weights[chosen], shape
