"""How a listener of the studio catalogue chooses: by taste, trait, popularity and season."""

import numpy as np
from numpy.typing import NDArray

from plait.datasets.strengths import IN_SEASON, INDIFFERENT, LIKED, OUT_OF_SEASON, SEASON, TASTE

DAY = 86_400
START = 1_735_689_600
"""2025-01-01 in Unix seconds, when the log begins."""
DAYS = 120

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


def liking(tastes: Floats, leanings: Floats, families: Rows, traits: Floats) -> Floats:
    """Return (m, n), how much each listener cares for each item: `taste[family] * exp(leaning . traits)`.

    `tastes` (m, families), `leanings` (m, 2), `families` (n,) rows of FAMILIES, `traits` (n, 2).
    """
    return np.asarray(tastes[:, families] * np.exp(leanings @ traits.T))


def seasoned(popularity: Floats, seasonal: Rows, moment: int) -> Floats:
    """Return the popularity (n,) at a moment in Unix seconds, when `seasonal` rows are in season or out of it."""
    first, end = (START + day * DAY for day in SEASON)
    chances = popularity.copy()
    chances[seasonal] *= IN_SEASON if first <= moment < end else OUT_OF_SEASON
    return chances


def chance_of_liking(popularity: Floats, cares: Floats) -> Floats:
    """Return (n,), the chance that the next thing chosen is this one and pleases: by taste, or by popularity alone.

    `popularity` (n,) at the moment; `cares` (n,) is a row of `liking`.
    """
    by_taste = popularity * cares
    told = TASTE * LIKED * by_taste / by_taste.sum()
    return np.asarray(told + (1 - TASTE) * LIKED * INDIFFERENT * popularity / popularity.sum())
