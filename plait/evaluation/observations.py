"""Observations: what was measured for each user under each salt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows

Values = Mapping[str, NDArray[np.float64]]
"""Each metric by its name: (k,) numbers, NaN where nothing can be said."""


@dataclass(frozen=True, slots=True)
class Observations:
    """k measurements: `users` (k,) says of whom (of which query item in cross-modal); one comes once a salt."""

    users: Rows
    values: Values

    @classmethod
    def joined(cls, parts: Sequence["Observations"]) -> "Observations":
        """Return the observations of several salts as one; a metric that one of them lacks is NaN there."""
        users = np.concatenate([part.users for part in parts])
        names = dict.fromkeys(name for part in parts for name in part.values)
        columns = {name: [part.values.get(name, np.full(len(part.users), np.nan)) for part in parts] for name in names}
        return cls(users, {name: np.concatenate(column) for name, column in columns.items()})

    def where(self, chosen: Mask) -> "Observations":
        """Return the observations that are chosen (k,)."""
        return Observations(self.users[chosen], {name: column[chosen] for name, column in self.values.items()})

    def by_user(self) -> Values:
        """Return (users,) the mean over the salts of each user, by ascending row.

        A user seen five times is still one person: intervals are taken over these.
        """
        names, places = np.unique(self.users, return_inverse=True)
        averaged = {}
        for metric, column in self.values.items():
            known = ~np.isnan(column)
            counts = np.bincount(places[known], minlength=len(names))
            sums = np.bincount(places[known], weights=column[known], minlength=len(names))
            averaged[metric] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        return averaged
