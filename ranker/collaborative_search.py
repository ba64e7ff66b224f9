"""The search for the settings of collaborative filtering: what ranks held-out likings best."""

import time
from collections.abc import Callable

import numpy as np

from ranker.collaborative import Factors, fit_als
from ranker.fold_in import user_factors
from ranker.hold_out import HeldOut
from ranker.interactions import Histories

FACTORS = (64, 128)
REGULARIZATIONS = (10.0, 30.0, 60.0)
USUAL = (64, 30.0)
"""Factors and regularization where nothing can be chosen by."""
JUDGED = 2_000
"""Held-out likings that settings are judged by at most."""
CHUNK = 256


def choose_als(
    held: HeldOut, *, history: int, time_constant: float, seed: int, say: Callable[[str], None],
    deadline: float | None,
) -> tuple[int, float]:  # fmt: skip
    """Return the number of factors and the regularization of ALS that rank the held-out likings best.

    `history` recent entries are folded in, `time_constant` places back counting half. After `deadline` (of
    time.monotonic) nothing further is tried; the usual ones are tried first. Where nobody likes anything before,
    or nothing is held out, the usual ones are returned.
    """
    if not len(held.targets) or not (held.before.weights > 0).any():
        return USUAL
    best, best_value = USUAL, -1.0
    rest = [(size, strength) for size in FACTORS for strength in REGULARIZATIONS if (size, strength) != USUAL]
    for size, strength in (USUAL, *rest):
        if deadline is not None and time.monotonic() > deadline and best_value >= 0:
            break
        say(f"collaborative filtering, {size} factors, regularization {strength:g}")
        fitted = fit_als(held.before, factors=size, regularization=strength, seed=seed).factors
        value = mean_gain(fitted, held, history=history, time_constant=time_constant)
        if value > best_value:
            best, best_value = (size, strength), value
    return best


def mean_gain(factors: Factors, held: HeldOut, *, history: int, time_constant: float) -> float:
    """Return the mean of 1 / log2(1 + rank), NDCG without a cut, over at most JUDGED held-out likings.

    Items of the whole history are left out, equal scores share a rank; 0 where nothing is held out.
    """
    if not len(held.targets):
        return 0.0
    judged = np.linspace(0, len(held.targets) - 1, min(JUDGED, len(held.targets))).astype(np.int64)
    gains = []
    for start in range(0, len(judged), CHUNK):
        rows = judged[start : start + CHUNK]
        told: Histories = held.histories.take(rows)
        users = user_factors(factors, told, limit=history, time_constant=time_constant)
        scores = users @ factors.projected.T + factors.bias
        own = scores[np.arange(len(rows)), held.targets[rows]].copy()
        scores[told.users, told.items] = -np.inf
        scores[np.arange(len(rows)), held.targets[rows]] = own
        above, equal = (scores > own[:, None]).sum(axis=1), (scores == own[:, None]).sum(axis=1) - 1
        gains.append(1.0 / np.log2(2.0 + above + 0.5 * equal))
    return float(np.concatenate(gains).mean())
