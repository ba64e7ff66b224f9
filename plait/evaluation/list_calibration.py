"""Whether a list holds the categories a user likes in the shares the user likes them (Steck 2018)."""

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.evaluation.item_facts import Categories

Values = NDArray[np.float64]

ALPHA = 0.01
"""How much of the history is mixed into the list, so that a category it lacks does not cost infinitely much."""


def miscalibration(slates: Rows, met: Mask, categories: Categories, *, alpha: float = ALPHA) -> Values:
    """Return (m,) the Kullback-Leibler divergence, in nats, of the list's categories from the history's.

    C_KL(p, q) = sum over categories of p ln(p / q~), q~ = (1 - alpha) q + alpha p; p and q are the shares among the
    items `met` (m, n) and among `slates` (m, cut), where an item is divided evenly among its categories and each item
    weighs the same. 0 is perfectly calibrated, -ln(alpha) is the worst. Items without a category are passed over; NaN
    where none is left in the list or in the history.
    """
    parts = 1.0 / np.maximum(np.asarray(categories.sum(axis=1)), 1.0)
    liked = _shares(np.asarray((categories.T @ (met * parts).T).T, dtype=np.float64))
    owned = categories[slates.ravel()].toarray().reshape(*slates.shape, categories.shape[1])
    weights = np.where(slates >= 0, parts[slates], 0.0)
    listed = _shares((weights[:, None, :] @ owned)[:, 0])
    mixed = (1.0 - alpha) * listed + alpha * liked
    said = liked > 0
    # A category that nobody met costs nothing: the limit of p ln p at 0.
    costs = np.where(said, liked * np.log(np.where(said, liked, 1.0) / np.where(said, mixed, 1.0)), 0.0)
    return np.where(np.isnan(mixed).any(axis=1), np.nan, costs.sum(axis=1))


def _shares(masses: Values) -> Values:
    """Return rows that sum to 1, NaN where there is nothing."""
    totals = masses.sum(axis=1, keepdims=True)
    return np.where(totals > 0, masses / np.where(totals > 0, totals, 1.0), np.nan)
