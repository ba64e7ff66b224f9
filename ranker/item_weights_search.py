"""The search for the item weights' settings: what ranks held-out likings best."""

import time
from collections.abc import Callable

import numpy as np

from ranker.hold_out import HeldOut
from ranker.interactions import Floats, Rows
from ranker.item_weights import ItemWeights, fit_item_weights, recent_places
from ranker.recency import salience

REGULARIZATIONS = (5.0, 10.0, 20.0, 40.0)
TIME_CONSTANTS = (1.0, 2.0, 4.0, 8.0, 32.0, 1000.0)
"""The last is as good as none: the whole history counts alike."""
USUAL = (10.0, 2.0)
"""Regularization and time constant where nothing can be chosen by."""
CHUNK = 256


def choose_item_weights(
    held: HeldOut, *, history: int, say: Callable[[str], None], deadline: float | None
) -> tuple[float, float]:
    """Return the regularization and time constant with the highest NDCG@10 over the held-out likings.

    `history` recent entries are looked at. After `deadline` (of time.monotonic) no further regularization is tried.
    """
    best, best_value = USUAL, -1.0
    if not len(held.targets):
        return USUAL
    for regularization in REGULARIZATIONS:
        if deadline is not None and time.monotonic() > deadline and best_value >= 0:
            break
        say(f"item weights, regularization {regularization:g}")
        weights = fit_item_weights(held.before, regularization=regularization)
        if not len(weights.rows):
            return USUAL
        for constant in TIME_CONSTANTS:
            value = mean_gain(weights, held, history=history, time_constant=constant)
            if value > best_value:
                best, best_value = (regularization, constant), value
    return best


def mean_gain(weights: ItemWeights, held: HeldOut, *, history: int, time_constant: float) -> float:
    """Return NDCG@10 of item weights alone over the held-out likings, items of the recent history left out."""
    places = weights.places(held.before.item_count)
    gains = np.zeros(len(held.targets))
    for start in range(0, len(gains), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(gains)))
        recent = held.histories.take(rows).recent(history)
        scores = _scores(weights, recent_places(recent, places), salience(recent, time_constant))
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
