"""The choice of attention: what makes held-out likings likeliest beside popularity."""

from collections.abc import Sequence

import numpy as np

from ranker.attention import Attention
from ranker.hold_out import HeldOut
from ranker.interactions import Floats
from ranker.profile import pool_profiles

CHUNK = 256
HEATS = (0.0, 100.0)
JUDGED = 1_000
"""Held-out likings that forms are judged by at most."""


def choose_attention(
    held: HeldOut, vectors: Floats, tried: Sequence[Attention], *, history: int, time_constant: float
) -> Attention:
    """Return the attention of those `tried` under which the held-out likings are likeliest, the first of equals.

    Raises ValueError where none is tried.
    """
    if not tried:
        raise ValueError("no attention is tried; expected at least one")
    rows = np.linspace(0, len(held.targets) - 1, min(JUDGED, len(held.targets))).astype(np.int64)
    judged = HeldOut(held.users[rows], held.targets[rows], held.histories.take(rows), held.met.take(rows), held.before)
    losses = [surprise(judged, vectors, each, history=history, time_constant=time_constant) for each in tried]
    return tried[int(np.argmin(losses))]


def surprise(held: HeldOut, vectors: Floats, attention: Attention, *, history: int, time_constant: float) -> float:
    """Return the mean -log likelihood of the held-out likings, at the heat that suits them best.

    The likelihood is a softmax of heat profile^T v_j + log(1 + likings of j) over the items (n, D) that are not in
    the recent history; 0 where nothing is held out.
    """
    from scipy.optimize import minimize_scalar

    if not len(held.targets):
        return 0.0
    told = held.before
    counts = np.bincount(told.items[told.weights > 0], minlength=told.item_count)
    bias = np.log1p(counts).astype(np.float64)
    closeness, barred = _closeness(held, vectors, attention, history, time_constant)

    def loss(heat: float) -> float:
        logits = heat * closeness + np.where(barred, -np.inf, bias)
        own = logits[np.arange(len(logits)), held.targets]
        return float((np.logaddexp.reduce(logits, axis=1) - own).mean())

    return float(minimize_scalar(loss, bounds=HEATS, method="bounded", options={"xatol": 0.05}).fun)


def _closeness(
    held: HeldOut, vectors: Floats, attention: Attention, history: int, time_constant: float
) -> tuple[Floats, np.ndarray]:
    """Return profile^T v (m, n), and (m, n) which items are in the recent history and not the one held out."""
    shape = (len(held.targets), len(vectors))
    closeness, barred = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.bool_)
    for start in range(0, len(closeness), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(closeness)))
        recent = held.histories.take(rows).recent(history)
        known = vectors[np.maximum(recent.items, 0)]
        profiles = pool_profiles(recent, known, time_constant=time_constant, attention=attention)
        closeness[rows] = profiles.vectors @ vectors.T
        users, entries = np.nonzero(recent.items >= 0)
        barred[rows[users], recent.items[users, entries]] = True
    barred[np.arange(len(barred)), held.targets] = False
    return closeness, barred
