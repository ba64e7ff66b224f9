"""The contract of every index: nearest rows by inner product."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""(n, dimension) float32."""
Rows = NDArray[np.int64]
"""Row numbers of an index; -1 stands for "no hit"."""
Mask = NDArray[np.bool_]
"""(n,) True for each row that may be returned."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The nearest rows of each query, best first; equal scores by ascending row.

    `rows` (m, limit) int64, padded with -1; `scores` (m, limit) float32 inner products, padded with -inf.
    """

    rows: Rows
    scores: Vectors


class VectorIndex(Protocol):
    """An immutable set of vectors that answers nearest-neighbour queries by inner product."""

    def __len__(self) -> int:
        """Return the number of vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def search(self, queries: Vectors, limit: int, *, allowed: Mask | None = None) -> Hits:
        """Return the `limit` nearest allowed rows of each query (m, dimension).

        min(limit, number of allowed rows) hits are always found, at any selectivity of `allowed`.
        Raises ValueError for a wrong dimension or limit < 1.
        """
