"""Fatigue: what showings that nothing came of take off the logit of an item, until it is rested."""

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Rows

Values = NDArray[np.float64]

REST = 30.0
"""What an item that was shown too often loses: more than any two scores differ by, so that it stands behind all."""


def fatigue(items: Rows, ages: Values, *, impressions: int, days: float, lowers: float) -> tuple[Rows, Values]:
    """Return the items that are tired, ascending, and the part of the logit that each has for it, below 0.

    `items` (k,) were shown `ages` (k,) days ago, and nothing came of it. A showing counts until it is `days` old:
    -lowers sum(1 - age / days) - REST where there are at least `impressions` of them.
    """
    counted = (ages >= 0) & (ages < days)
    shown, places = np.unique(items[counted], return_inverse=True)
    freshness = np.bincount(places, weights=1.0 - ages[counted] / days, minlength=len(shown))
    often = np.bincount(places, minlength=len(shown)) >= impressions
    part = -lowers * freshness - REST * often
    # Whose part is 0, where `lowers` is 0, is not tired.
    return shown[part < 0], part[part < 0]
