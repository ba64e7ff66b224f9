"""Intervals by the bootstrap over users (Efron 1979)."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from plait.evaluation.observations import Values

Interval = Mapping[str, float]
"""mean, low and high; all NaN where nothing can be said."""

RESAMPLES = 1_000
LEVEL = 95.0
TAILS = ((100.0 - LEVEL) / 2, (100.0 + LEVEL) / 2)
DRAWN_AT_ONCE = 2**22
"""Numbers drawn at once; bounds the memory."""


def intervals(values: Values, *, seed: int = 0) -> dict[str, Interval]:
    """Return mean and 95 % percentile interval of each metric over its users (n,); NaN values are left out.

    The same users are drawn for every metric.
    """
    if not values:
        return {}
    columns = np.stack(list(values.values()), axis=1)
    if not len(columns):
        return {name: {"mean": np.nan, "low": np.nan, "high": np.nan} for name in values}
    known = ~np.isnan(columns)
    filled = np.where(known, columns, 0.0)
    drawn = _resampled(filled, known, seed)
    found: dict[str, Interval] = {}
    for place, name in enumerate(values):
        means = drawn[:, place][~np.isnan(drawn[:, place])]
        low, high = np.percentile(means, TAILS) if len(means) else (np.nan, np.nan)
        mean = columns[known[:, place], place].mean() if len(means) else np.nan
        found[name] = {"mean": float(mean), "low": float(low), "high": float(high)}
    return found


def drawn_users(count: int, *, seed: int, numbers: int = 0) -> Iterator[NDArray[np.float64]]:
    """Yield (r, count) how often each of `count` users is drawn, with replacement, in RESAMPLES draws in all.

    A seed draws the same whatever r is, which is as large as memory allows where a draw makes `numbers` numbers more.
    """
    rng = np.random.default_rng(seed)
    at_once = max(1, DRAWN_AT_ONCE // max(count, numbers, 1))
    for start in range(0, RESAMPLES, at_once):
        drawn = rng.multinomial(count, np.full(count, 1.0 / count), size=min(at_once, RESAMPLES - start))
        yield drawn.astype(np.float64)


def _resampled(filled: NDArray[np.float64], known: NDArray[np.bool_], seed: int) -> NDArray[np.float64]:
    """Return (RESAMPLES, metrics) the means of users drawn with replacement, NaN where none drawn is known."""
    means = []
    for times in drawn_users(len(filled), seed=seed):
        counted = times @ known
        means.append(np.where(counted > 0, times @ filled / np.maximum(counted, 1.0), np.nan))
    return np.concatenate(means)
