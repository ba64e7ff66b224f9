"""Histories written by hand."""

from collections.abc import Sequence

import numpy as np

from ranker.interactions import Histories


def history_of(items: Sequence[int], weights: Sequence[float]) -> Histories:
    """Return one user's history, oldest first, an event a second."""
    count = len(items)
    return Histories(
        np.asarray([0, count]), np.asarray(items, dtype=np.int64), np.arange(count, dtype=np.float64),
        np.asarray(weights, dtype=np.float32), np.asarray([float(count)]),
    )  # fmt: skip
