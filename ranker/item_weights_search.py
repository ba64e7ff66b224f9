"""The search for the item weights' settings: what ranks held-out likings best."""

import time
from collections.abc import Callable

import numpy as np

from ranker.hold_out import HeldOut
from ranker.interactions import Floats, Rows
from ranker.item_weights import (
    WHOLE,
    ItemWeights,
    ItemWeightSettings,
    most_met,
    near_gram,
    recent_places,
    regressed,
)  # fmt: skip
from ranker.recency import contact

REACHES = (50.0, 15.0, WHOLE)
REGULARIZATIONS = (10.0, 5.0, 20.0, 40.0)
"""The first of the reaches and regularizations is the usual one."""
TIME_CONSTANTS = (1.0, 2.0, 4.0, 8.0, 32.0, WHOLE)
USUAL = ItemWeightSettings()
"""Where nothing can be chosen by."""
CHUNK = 256


def choose_item_weights(
    held: HeldOut, *, history: int, say: Callable[[str], None], deadline: float | None
) -> ItemWeightSettings:
    """Return the settings with the highest NDCG@10 over the held-out likings.

    Each reach is tried with the usual regularization, then each other regularization with the best reach, all with
    every time constant. `history` recent entries are looked at. After `deadline` (of time.monotonic) nothing further
    is tried.
    """
    rows = most_met(held.before)
    if not len(held.targets) or len(rows) < 2:
        return USUAL

    def best_of(gram: Floats, regularization: float, reach: float) -> tuple[float, ItemWeightSettings]:
        say(f"item weights, regularization {regularization:g}, reach {reach:g}")
        weights = ItemWeights(rows, regressed(gram, regularization))
        gains = [mean_gain(weights, held, history=history, time_constant=constant) for constant in TIME_CONSTANTS]
        best = int(np.argmax(gains))
        return gains[best], ItemWeightSettings(regularization, reach, TIME_CONSTANTS[best])

    gram = near_gram(held.before, rows, REACHES[0])
    value, chosen = best_of(gram, REGULARIZATIONS[0], REACHES[0])
    for reach in REACHES[1:]:
        if deadline is None or time.monotonic() < deadline:
            other = near_gram(held.before, rows, reach)
            found, settings = best_of(other, REGULARIZATIONS[0], reach)
            if found > value:
                value, chosen, gram = found, settings, other
    for regularization in REGULARIZATIONS[1:]:
        if deadline is None or time.monotonic() < deadline:
            found, settings = best_of(gram, regularization, chosen.reach)
            if found > value:
                value, chosen = found, settings
    return chosen


def mean_gain(weights: ItemWeights, held: HeldOut, *, history: int, time_constant: float) -> float:
    """Return NDCG@10 of item weights alone over the held-out likings, items of the recent history left out."""
    places = weights.places(held.before.item_count)
    gains = np.zeros(len(held.targets))
    for start in range(0, len(gains), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(gains)))
        recent = held.histories.take(rows).recent(history)
        scores = _scores(weights, recent_places(recent, places), contact(recent, time_constant))
        target = places[held.targets[rows]]
        own = np.where(target >= 0, scores[np.arange(len(rows)), np.maximum(target, 0)], -np.inf)
        rank = (scores > own[:, None]).sum(axis=1)
        gains[rows] = np.where((rank < 10) & np.isfinite(own), 1.0 / np.log2(rank + 2.0), 0.0)
    return float(gains.mean())


def _scores(weights: ItemWeights, recent: Rows, strengths: Floats) -> Floats:
    """Return (m, places) scores of everything, -inf for what is in `recent` (m, width)."""
    from scipy.sparse import csr_matrix

    users, entries = np.nonzero(recent >= 0)
    mine = recent[users, entries]
    # Of few items out of many: the product of the whole square takes several times as long.
    spoken = csr_matrix((strengths[users, entries], (users, mine)), shape=(len(recent), len(weights.rows)))
    scores = np.asarray(spoken @ weights.weights)
    scores[users, mine] = -np.inf
    return scores
