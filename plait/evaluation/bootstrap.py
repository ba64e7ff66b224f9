"""Intervals by the bootstrap over users (Efron 1979)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000
LEVEL = 95.0


def interval(values: NDArray[np.float64], *, seed: int = 0) -> dict[str, float]:
    """Return mean, low and high (a 95 % percentile interval) over users; NaN values are left out."""
    known = values[~np.isnan(values)]
    if not len(known):
        return {"mean": float("nan"), "low": float("nan"), "high": float("nan")}
    draws = np.random.default_rng(seed).integers(0, len(known), (RESAMPLES, len(known)))
    low, high = np.percentile(known[draws].mean(axis=1), [(100 - LEVEL) / 2, (100 + LEVEL) / 2])
    return {"mean": float(known.mean()), "low": float(low), "high": float(high)}


def intervals(values: Mapping[str, NDArray[np.float64]]) -> dict[str, dict[str, float]]:
    """Return the interval of each measure."""
    return {name: interval(column) for name, column in values.items()}
