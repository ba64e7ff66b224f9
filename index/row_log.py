"""RowLog: vectors that only grow, appended without copying those already there."""

import numpy as np

from index.vector_index import Vectors


class RowLog:
    """An append-only array; what `append` returned earlier stays as it was, so readers need no lock."""

    def __init__(self, dimension: int) -> None:
        """Start with no rows of `dimension`."""
        self._buffer: Vectors = np.empty((0, dimension), dtype=np.float32)
        self._count = 0

    def append(self, vectors: Vectors) -> Vectors:
        """Append `vectors` (n, dimension) and return a read-only view of all rows so far."""
        count = self._count + len(vectors)
        if count > len(self._buffer):
            grown = np.empty((max(2 * len(self._buffer), count, 16), self._buffer.shape[1]), dtype=np.float32)
            grown[: self._count] = self._buffer[: self._count]
            self._buffer = grown
        self._buffer[self._count : count] = vectors
        self._count = count
        view = self._buffer[:count]
        view.flags.writeable = False
        return view
