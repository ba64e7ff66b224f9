"""Exposure: which items a model shows to anybody, and how evenly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from index.vector_index import Mask, Rows
from plait.evaluation.bootstrap import Interval
from plait.evaluation.set_intervals import Times, jackknife_intervals

Values = NDArray[np.float64]
Shown = csr_array[np.float64, tuple[int, int]]
"""(users, items) how often an item stands in a user's list."""


@dataclass(frozen=True, slots=True)
class Slates:
    """The lists of m users under one salt.

    `users` (m,) whose they are; `items` (m, cut) rows of items, best first, -1 for none left; `eligible` (n,) the items
    that might have been shown.
    """

    users: Rows
    items: Rows
    eligible: Mask


def coverage(exposures: Values) -> Values:
    """Return (r,) the share of the items that anybody was shown (Ge et al. 2010); `exposures` (r, items) counts.

    NaN without items.
    """
    return np.asarray((exposures > 0).sum(axis=1) / (exposures.shape[1] or np.nan), dtype=np.float64)


def gini(exposures: Values) -> Values:
    """Return (r,) the Gini index of how often each item was shown, `exposures` (r, items), never shown ones included.

    sum over i of (2 i - n - 1) x_i / (n sum of x), x ascending (Fleder, Hosanagar 2009): 0 all alike, (n - 1) / n one
    item has everything. NaN where nothing was shown.
    """
    count = exposures.shape[1]
    ranks = 2.0 * np.arange(1, count + 1) - count - 1
    masses = exposures.sum(axis=1) * count
    uneven = np.sort(exposures, axis=1) @ ranks
    return np.where(masses > 0, uneven / np.where(masses > 0, masses, 1.0), np.nan)


Measure = Callable[[Values], Values]
MEASURES: Mapping[str, Measure] = {"coverage": coverage, "gini": gini}


def catalogue_measures(slates: Sequence[Slates], cuts: tuple[int, ...], *, seed: int = 0) -> dict[str, Interval]:
    """Return `coverage@cut` and `gini@cut` of all users together, the mean over the salts of `slates`.

    A user who is judged under several salts is left out of all of them at once. Intervals are within 0..1.
    """
    names = np.unique(np.concatenate([each.users for each in slates]))
    width = max((int(each.eligible.sum()) for each in slates), default=0)
    statistics = {}
    for cut in cuts:
        shown = [_shown(each, names, cut) for each in slates]
        for name, measure in MEASURES.items():
            statistics[f"{name}@{cut}"] = partial(_mean_over_salts, measure, shown)
    found = jackknife_intervals(statistics, len(names), seed=seed, numbers=width)
    return {name: {edge: float(np.clip(at, 0.0, 1.0)) for edge, at in each.items()} for name, each in found.items()}


def _shown(slates: Slates, names: Rows, cut: int) -> Shown:
    items = slates.items[:, :cut]
    columns = np.cumsum(slates.eligible) - 1
    if (~slates.eligible[items[items >= 0]]).any():
        raise ValueError("slates hold items that are not eligible; expected none")
    users = np.broadcast_to(np.searchsorted(names, slates.users)[:, None], items.shape)
    pairs = (users[items >= 0], columns[items[items >= 0]])
    return csr_array((np.ones(len(pairs[0])), pairs), shape=(len(names), int(slates.eligible.sum())))


def _mean_over_salts(measure: Measure, shown: Sequence[Shown], times: Times) -> Values:
    return np.asarray(np.mean([measure(_drawn(each, times)) for each in shown], axis=0), dtype=np.float64)


def _drawn(shown: Shown, times: Times) -> Values:
    """Return (r, items) how often each item is shown to those who are drawn."""
    return np.asarray((shown.T @ times.T).T, dtype=np.float64)
