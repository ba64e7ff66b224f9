"""Taste: what somebody likes of whom little is known, a Gaussian around the average user, conditioned in closed form.

Of a user with few events it is not known what they would say of all the rest, so that fold-in of ALS, which takes all
of it for dislike, ranks below popularity. Here only what was said counts, and who has said nothing is the average user.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows
from ranker.strongest import strongest

ARRAYS = ("base", "says", "expected", "answers", "known")


@dataclass(frozen=True, slots=True)
class Taste:
    """n items as a user's taste t (r,) sees them, t ~ N(start, I).

    An event with item i has the weight `base[i] + says[i]^T t + e`, e ~ N(0, noise) (probabilistic PCA, Tipping, Bishop
    1999), and `expected[i] + answers[i]^T t` is the weight it is expected to have once the user is no longer new.
    `base`, `expected`, `known` are (n,), `says`, `answers` (n, r); `known` is the share of users who have met an item.
    """

    base: Floats
    says: Floats
    expected: Floats
    answers: Floats
    known: Floats
    noise: float

    @property
    def factors(self) -> int:
        """The number r of directions in which tastes differ."""
        return int(self.says.shape[1])

    def fold(self, items: Rows, weights: Floats, start: Floats | None = None) -> Floats:
        """Return the tastes (m, r) expected of users after what they said of `items` (m, width), rows, -1 for none.

        `weights` (m, width) are the events'; of several with one item the strongest counts. `start` (m, r) is what was
        expected before, zero for None: t = start + (noise I + S^T S)^-1 S^T (weights - base - S start), S = says of the
        items. The order of the entries has no say.
        """
        begun = np.zeros((len(items), self.factors), np.float32) if start is None else start
        owners, places = np.nonzero(items >= 0)
        kept = strongest(owners, items[owners, places], weights[owners, places])
        owners, places = owners[kept], places[kept]
        bounds = np.searchsorted(owners, np.arange(len(items) + 1))
        folded = begun.astype(np.float64)
        for user in np.flatnonzero(np.diff(bounds)).tolist():
            mine = items[user, places[bounds[user] : bounds[user + 1]]]
            said = weights[user, places[bounds[user] : bounds[user + 1]]]
            folded[user] += self._shift(mine, said, folded[user])
        return folded.astype(np.float32)

    def score(self, tastes: Floats, candidates: Rows) -> Floats:
        """Return (m, c) `answers^T t` of tastes (m, r) for candidates (m, c), 0 for one of -1.

        It is what a taste adds to `expected`, in the same unit.
        """
        vectors = self.answers[np.maximum(candidates, 0)]
        return np.asarray(np.matmul(vectors, tastes[:, :, None])[:, :, 0] * (candidates >= 0), dtype=np.float32)

    def take(self, rows: Rows) -> "Taste":
        """Return the items at `rows`."""
        arrays = {name: values[rows] for name, values in self.to_arrays().items() if name != "noise"}
        return Taste(**arrays, noise=self.noise)

    def to_arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the taste as named arrays that `from_arrays` reads."""
        return {name: getattr(self, name) for name in ARRAYS} | {"noise": np.asarray([self.noise], dtype=np.float32)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32]]) -> "Taste":
        """Return what `to_arrays` was given. Raises KeyError for a missing array."""
        return cls(**{name: arrays[name] for name in ARRAYS}, noise=float(arrays["noise"][0]))

    def _shift(self, items: Rows, said: Floats, start: NDArray[np.float64]) -> NDArray[np.float64]:
        heard = self.says[items].astype(np.float64)
        missing = said - self.base[items] - heard @ start
        # The smaller of the two equal forms is solved.
        if len(items) < self.factors:
            return np.asarray(heard.T @ np.linalg.solve(heard @ heard.T + self.noise * np.eye(len(items)), missing))
        left = heard.T @ heard + self.noise * np.eye(self.factors)
        return np.asarray(np.linalg.solve(left, heard.T @ missing))
