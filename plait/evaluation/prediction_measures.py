"""How good predicted ratings and chances are, with intervals over the users they were predicted for."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.evaluation.bootstrap import Interval
from plait.evaluation.set_intervals import Statistic, Times, set_intervals
from ranker.score_metrics import (
    BINS,
    Mask,
    Numbers,
    absolute_errors,
    calibration_bins,
    log_losses,
    squared_errors,
)

Values = NDArray[np.float64]


def rating_measures(users: Rows, predicted: Numbers, actual: Numbers, *, seed: int = 0) -> dict[str, Interval]:
    """Return `rmse` and `mae` over n ratings of `users` (n,); a rating without a prediction (NaN) is left out."""
    said = ~(np.isnan(predicted) | np.isnan(actual))
    users, predicted, actual = users[said], predicted[said], actual[said]
    names, places = np.unique(users, return_inverse=True)
    squares = _mean(places, squared_errors(predicted, actual))
    statistics: dict[str, Statistic] = {
        "rmse": partial(_root, squares),
        "mae": _mean(places, absolute_errors(predicted, actual)),
    }
    return set_intervals(statistics, len(names), seed=seed)


def chance_measures(
    users: Rows, chances: Numbers, happened: Mask, *, bins: int = BINS, seed: int = 0
) -> dict[str, Interval]:  # fmt: skip
    """Return `log_loss` and two errors of calibration over n impressions of `users` (n,).

    `calibration_error` has bins of equal width, `adaptive_calibration_error` of equal mass; the bins are those of all
    impressions. An impression without a chance (NaN) is left out. Raises ValueError for a chance outside 0..1.
    """
    said = ~np.isnan(chances)
    users, chances, happened = users[said], chances[said], happened[said]
    names, places = np.unique(users, return_inverse=True)
    statistics: dict[str, Statistic] = {"log_loss": _mean(places, log_losses(chances, happened))}
    for name, equal_mass in (("calibration_error", False), ("adaptive_calibration_error", True)):
        binned = calibration_bins(chances, count=bins, equal_mass=equal_mass)
        sums = np.zeros((len(names), bins))
        np.add.at(sums, (places, binned), np.asarray(chances, dtype=np.float64) - happened)
        statistics[name] = partial(_binned, sums, np.bincount(places, minlength=len(names)))
    return set_intervals(statistics, len(names), seed=seed, numbers=bins)


def _mean(places: Rows, column: Values) -> Statistic:
    """Return the mean of a column (n,) over the draws of users, `places` (n,) saying whose each number is."""
    sums = np.bincount(places, weights=column).astype(np.float64)
    return partial(_ratio, sums, np.bincount(places))


def _ratio(sums: Values, counts: Rows, times: Times) -> Values:
    return np.asarray(times @ sums / (times @ counts), dtype=np.float64)


def _root(squares: Statistic, times: Times) -> Values:
    return np.sqrt(squares(times))


def _binned(sums: Values, counts: Rows, times: Times) -> Values:
    return np.asarray(np.abs(times @ sums).sum(axis=1) / (times @ counts), dtype=np.float64)
