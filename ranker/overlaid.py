"""Overlaid: a large array some rows of which are others, so that to change a few copies none of the rest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows


@dataclass(frozen=True, slots=True)
class Overlaid:
    """(n, k) rows: those of `base`, but where `places` (n,) is not -1 that one of `values` (m, k).

    It is indexed by rows, of any shape, as an array is, and an array where one is asked for.
    """

    base: Floats
    places: NDArray[np.int32]
    values: Floats

    @classmethod
    def over(cls, base: Floats, rows: Rows, values: Floats) -> "Overlaid":
        """Lay `values` (m, k) over the `rows` (m,) of `base`."""
        places = np.full(len(base), -1, dtype=np.int32)
        places[rows] = np.arange(len(rows))
        return cls(base, places, values)

    def __getitem__(self, rows: Rows | int) -> Floats:
        """Return a copy of rows."""
        found, places = self.base.take(rows, axis=0), self.places.take(rows)
        changed = places >= 0
        found[changed] = self.values[places[changed]]
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return all rows."""
        return self[np.arange(len(self.base))].astype(dtype or self.base.dtype, copy=False)
