"""Measures of scores themselves: AUC of a ranking, log loss and calibration of chances, errors of ratings.

Each is written once, over the sums it needs, so that an interval can be taken by drawing users.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.metrics import Values

Numbers = NDArray[np.float32] | NDArray[np.float64]
Mask = NDArray[np.bool_]
Bins = NDArray[np.int64]

BINS = 15
"""Of the calibration error (Guo et al. 2017 use as many)."""
LEAST_CHANCE = 1e-15
"""A chance of 0 for what came is taken for this much, or a single surprise would cost infinitely much."""


def auc(scores: Numbers, relevant: Mask, *, left_out: Mask | None = None) -> Values:
    """Return (m,) the chance that a relevant item of the user stands above one that is not; ties count half.

    The area under the ROC curve of each user's full ranking as Mann and Whitney's U over its pairs (Hanley, McNeil
    1982; by user in Rendle et al. 2009). `scores`, `relevant` and `left_out` are (m, n); a NaN score ranks last, and
    `left_out` items do not stand in the ranking. NaN where a user has no relevant item or nothing else. Raises
    ValueError where a relevant item is left out.
    """
    out = np.zeros(relevant.shape, dtype=np.bool_) if left_out is None else left_out
    if (relevant & out).any():
        raise ValueError(f"left_out holds {(relevant & out).sum()} relevant items; expected none")
    filled = np.where(np.isnan(scores), -np.inf, scores)
    order = np.argsort(filled, axis=1, kind="stable")
    ascending = np.take_along_axis(filled, order, axis=1)
    others = np.take_along_axis(~relevant & ~out, order, axis=1)
    first, last = _tied(ascending)
    through = np.cumsum(others, axis=1, dtype=np.float64)
    below = np.take_along_axis(through - others, first, axis=1)
    beaten = (below + np.take_along_axis(through, last, axis=1)) / 2
    won = (beaten * np.take_along_axis(relevant, order, axis=1)).sum(axis=1)
    pairs = relevant.sum(axis=1) * others.sum(axis=1)
    return np.where(pairs > 0, won / np.maximum(pairs, 1), np.nan)


def squared_errors(predicted: Numbers, actual: Numbers) -> Values:
    """Return (n,) what RMSE is the root of the mean of."""
    return _difference(predicted, actual) ** 2


def absolute_errors(predicted: Numbers, actual: Numbers) -> Values:
    """Return (n,) what MAE is the mean of."""
    return np.abs(_difference(predicted, actual))


def log_losses(chances: Numbers, happened: Mask) -> Values:
    """Return (n,) the natural log loss of each: -ln of the chance that was given to what came (Good 1952)."""
    given = np.where(happened, _chances(chances, happened), 1.0 - _chances(chances, happened))
    return np.asarray(-np.log(np.clip(given, LEAST_CHANCE, 1.0)), dtype=np.float64)


def rmse(predicted: Numbers, actual: Numbers) -> float:
    """Return the root of the mean squared error, NaN of nothing."""
    return float(np.sqrt(_mean(squared_errors(predicted, actual))))


def mae(predicted: Numbers, actual: Numbers) -> float:
    """Return the mean absolute error, NaN of nothing."""
    return _mean(absolute_errors(predicted, actual))


def log_loss(chances: Numbers, happened: Mask) -> float:
    """Return the mean log loss (nats), NaN of nothing. Raises ValueError for a chance outside 0..1."""
    return _mean(log_losses(chances, happened))


def calibration_bins(chances: Numbers, *, count: int = BINS, equal_mass: bool = False) -> Bins:
    """Return (n,) the bin of each chance, 0 .. count - 1: of equal width, or else of as equal mass as ties allow.

    A bin of equal width holds its upper edge ((a, b], Guo et al. 2017); equal chances always share a bin.
    """
    inner = np.arange(1, count) / count
    if equal_mass and len(chances):
        inner = np.quantile(chances, inner)
    return np.digitize(chances, inner, right=True)


def calibration_error(
    chances: Numbers, happened: Mask, *, bins: int = BINS, equal_mass: bool = False
) -> float:  # fmt: skip
    """Return the expected calibration error: the mean over the bins, by their mass, of |share - mean chance|.

    Bins are of equal width (Naeini et al. 2015), or with `equal_mass` between quantiles (Nixon et al. 2019, there
    adaptive calibration error). NaN of nothing. Raises ValueError for a chance outside 0..1.
    """
    if not len(chances):
        return float("nan")
    placed = calibration_bins(chances, count=bins, equal_mass=equal_mass)
    # Mass times |share - mean chance| is |sum of the differences|: the mass cancels.
    sums = np.bincount(placed, weights=_chances(chances, happened) - happened, minlength=bins)
    return float(np.abs(sums).sum() / len(chances))


def _tied(ascending: Values) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last place of each number's equals in its sorted row, both (m, n)."""
    count = ascending.shape[1]
    places = np.broadcast_to(np.arange(count), ascending.shape)
    starts = np.ones(ascending.shape, dtype=np.bool_)
    starts[:, 1:] = ascending[:, 1:] != ascending[:, :-1]
    ends = np.ones(ascending.shape, dtype=np.bool_)
    ends[:, :-1] = starts[:, 1:]
    first = np.maximum.accumulate(np.where(starts, places, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, places, count)[:, ::-1], axis=1)[:, ::-1]
    return first, last


def _difference(predicted: Numbers, actual: Numbers) -> Values:
    if predicted.shape != actual.shape:
        raise ValueError(f"predicted has shape {predicted.shape}, actual {actual.shape}; expected one shape")
    return np.asarray(predicted, dtype=np.float64) - actual


def _chances(chances: Numbers, happened: Mask) -> Values:
    if chances.shape != happened.shape:
        raise ValueError(f"chances has shape {chances.shape}, happened {happened.shape}; expected one shape")
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError(f"chances holds {chances.min()}..{chances.max()}; expected 0..1")
    return np.asarray(chances, dtype=np.float64)


def _mean(values: Values) -> float:
    return float(values.mean()) if len(values) else float("nan")
