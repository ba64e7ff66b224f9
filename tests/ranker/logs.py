"""Small logs with tastes that are known by construction."""

import numpy as np

from ranker.interactions import Floats, Histories, Interactions
from ranker.item_features import ItemFeatures


def log(*events: tuple[int, int, float, float], users: int = 0, items: int = 0) -> Interactions:
    """Return interactions of (user, item, time, weight), with room for at least `users` and `items`."""
    columns = list(zip(*events, strict=True)) if events else [()] * 4
    rows = [np.asarray(column, dtype=np.int64) for column in columns[:2]]
    return Interactions(
        rows[0], rows[1], np.asarray(columns[2], np.float64), np.asarray(columns[3], np.float32),
        max(users, int(rows[0].max(initial=-1)) + 1), max(items, int(rows[1].max(initial=-1)) + 1),
    )  # fmt: skip


def checkerboard(users: int, items: int, *, share: float = 0.6, seed: int = 0) -> Interactions:
    """Return likings where an even user likes some of the even items, an odd one of the odd, in random order."""
    rng = np.random.default_rng(seed)
    events = []
    for user in range(users):
        mine = rng.permutation(np.arange(user % 2, items, 2))
        events += [(user, int(item), float(time), 1.0) for time, item in enumerate(mine[: int(share * len(mine))])]
    return log(*events, users=users, items=items)


def random_log(users: int, items: int, events: int, *, seed: int = 0) -> Interactions:
    """Return anything: users, items and weights between -1 and 1 drawn evenly, times ascending."""
    rng = np.random.default_rng(seed)
    return Interactions(
        rng.integers(0, users, events), rng.integers(0, items, events), np.arange(events, dtype=np.float64),
        rng.uniform(-1, 1, events).astype(np.float32), users, items,
    )  # fmt: skip


def history(*entries: tuple[int, float], now: float = 100.0) -> Histories:
    """Return the history of one user of (item, weight), a second apart, the last at `now`."""
    items = np.asarray([item for item, _ in entries], dtype=np.int64)
    weights = np.asarray([weight for _, weight in entries], dtype=np.float32)
    times = now - np.arange(len(entries), dtype=np.float64)[::-1]
    return Histories(np.asarray([0, len(entries)]), items, times, weights, np.asarray([now]))


def unit_rows(count: int, dimension: int, *, seed: int = 0) -> Floats:
    """Return random unit rows."""
    rows = np.random.default_rng(seed).normal(size=(count, dimension))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def parity_features(items: int, *, seed: int = 0) -> ItemFeatures:
    """Return features that say, with noise, whether an item is even, as a strand and as an attribute."""
    rng = np.random.default_rng(seed)
    sides = np.eye(2, dtype=np.float32)[np.arange(items) % 2]
    noise = rng.normal(0, 0.2, (items, 8)).astype(np.float32)
    return ItemFeatures({"text": np.concatenate([sides, noise], axis=1)}, sides)
