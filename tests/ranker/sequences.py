"""Histories whose order is known by construction, and models that know them."""

import numpy as np

from ranker.interactions import Floats, Histories, Interactions
from ranker.sequence_settings import SequenceSettings
from tests.ranker.logs import log

SMALL = SequenceSettings(width=16, length=8, batch=32, dropout=0.1, id_dropout=0.1, rate=1e-2, warm_up=4, average=0.9)
"""Learnt in a moment."""


def circles(users: int, items: int, steps: int) -> Interactions:
    """Return everybody walking round the same circle of items from another one: the last event says what is next."""
    events = [
        (user, (user + step) % items, float(step * users + user), 1.0) for step in range(steps) for user in range(users)
    ]
    return log(*events, users=users, items=items)


def vectors_of(count: int, dimension: int = 6, *, seed: int = 0) -> Floats:
    """Return fused vectors of any length."""
    return np.random.default_rng(seed).normal(0.3, 1.0, (count, dimension)).astype(np.float32)


def histories_of(*items: list[int], weights: float = 1.0) -> Histories:
    """Return a history of each list of items, all liked as much."""
    offsets = np.concatenate(([0], np.cumsum([len(one) for one in items]))).astype(np.int64)
    entries = np.asarray([item for one in items for item in one], dtype=np.int64)
    times = np.arange(len(entries), dtype=np.float64)
    now = np.full(len(items), float(len(entries)))
    return Histories(offsets, entries, times, np.full(len(entries), weights, dtype=np.float32), now)
