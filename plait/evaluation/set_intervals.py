"""Intervals of what is said of all users together and is no mean over them: coverage, Gini, RMSE, a gap of groups."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from plait.evaluation.bootstrap import DRAWN_AT_ONCE, RESAMPLES, TAILS, Interval, drawn_users

Times = NDArray[np.float64]
"""(r, users) how often each user counts in each of r draws; a row of ones is everybody once."""

Statistic = Callable[[Times], NDArray[np.float64]]
"""One number (r,) of each draw, NaN where nothing can be said."""

NORMAL = 1.959963984540054
"""Deviations that hold 95 % of a normal distribution."""


def set_intervals(
    statistics: Mapping[str, Statistic], user_count: int, *, seed: int = 0, numbers: int = 0
) -> dict[str, Interval]:  # fmt: skip
    """Return each statistic of everybody, as `mean`, and its 95 % interval by the bootstrap over users.

    The same users are drawn for every statistic, and as `bootstrap.intervals` draws them. What takes the greatest of
    something or its absolute value is larger over draws than what is estimated: chance adds to it twice. Therefore the
    percentiles are moved by the mean of the draws less the statistic (Efron, Tibshirani 1993, 10.2). `numbers` is how
    many a statistic makes of one draw; it bounds the memory.
    """
    if not user_count:
        return {name: {"mean": np.nan, "low": np.nan, "high": np.nan} for name in statistics}
    everybody = np.ones((1, user_count))
    draws: dict[str, list[NDArray[np.float64]]] = {name: [] for name in statistics}
    for times in drawn_users(user_count, seed=seed, numbers=numbers):
        for name, statistic in statistics.items():
            draws[name].append(statistic(times))
    return {
        name: _interval(float(statistic(everybody)[0]), np.concatenate(draws[name]))
        for name, statistic in statistics.items()
    }


def jackknife_intervals(
    statistics: Mapping[str, Statistic], user_count: int, *, seed: int = 0, numbers: int = 0
) -> dict[str, Interval]:  # fmt: skip
    """Return the same by leaving users out, one at a time, or one of RESAMPLES random groups where they are more.

    For statistics that count what is distinct, such as a coverage: somebody drawn twice shows no new item, and in
    trials the bootstrap's intervals held the truth 83 to 95 times of 100, these 94 to 100. The normal interval of
    Tukey's variance, which is never too small in the mean (Efron, Stein 1981). `low` and `high` are NaN for one user.
    """
    if not user_count:
        return {name: {"mean": np.nan, "low": np.nan, "high": np.nan} for name in statistics}
    everybody = np.ones((1, user_count))
    found: dict[str, Interval] = {}
    left: dict[str, list[NDArray[np.float64]]] = {name: [np.empty(0)] for name in statistics}
    for times in _left_out(user_count, seed, numbers):
        for name, statistic in statistics.items():
            left[name].append(statistic(times))
    for name, statistic in statistics.items():
        value, without = float(statistic(everybody)[0]), np.concatenate(left[name])
        without = without[~np.isnan(without)]
        count = len(without)
        error = NORMAL * np.sqrt((count - 1) * without.var()) if count > 1 else np.nan
        found[name] = {"mean": value, "low": float(value - error), "high": float(value + error)}
    return found


def _left_out(user_count: int, seed: int, numbers: int) -> Iterator[Times]:
    """Yield (r, users) ones, 0 for those of one group; nothing where nobody would be left."""
    if user_count < 2:
        return
    groups = np.arange(user_count) % RESAMPLES
    if user_count > RESAMPLES:
        groups = np.random.default_rng(seed).permutation(groups)
    count = min(user_count, RESAMPLES)
    at_once = max(1, DRAWN_AT_ONCE // max(user_count, numbers, 1))
    for start in range(0, count, at_once):
        yield (groups != np.arange(start, min(start + at_once, count))[:, None]).astype(np.float64)


def _interval(value: float, draws: NDArray[np.float64]) -> Interval:
    known = draws[~np.isnan(draws)]
    if np.isnan(value) or not len(known):
        return {"mean": np.nan, "low": np.nan, "high": np.nan}
    low, high = np.percentile(known, TAILS) - known.mean() + value
    return {"mean": value, "low": float(low), "high": float(high)}
