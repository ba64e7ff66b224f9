"""ExactIndex: the contract in plain numpy, the reference that the other indexes are held against."""

import numpy as np

from index.hits import best_hits, merged, no_hits
from index.query import check_limit, check_mask, checked_vectors
from index.vector_index import Hits, Mask, Vectors

QUERY_BLOCK = 256
ROW_BLOCK = 16_384


class ExactIndex:
    """Compares every query with every vector; memory beyond the vectors stays near 16 MB a search."""

    def __init__(self, vectors: Vectors) -> None:
        """Keep `vectors` (n, dimension) float32, memory-mapped or not, without a copy."""
        self._vectors = np.asarray(vectors, dtype=np.float32)

    def __len__(self) -> int:
        """Return the number of vectors."""
        return len(self._vectors)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._vectors.shape[1])

    def search(self, queries: Vectors, limit: int, *, allowed: Mask | None = None) -> Hits:
        """Return the `limit` nearest allowed rows of each query, exactly; see `VectorIndex.search`."""
        queries = checked_vectors("queries", queries, dimension=self.dimension)
        check_limit(limit)
        check_mask(allowed, count=len(self))
        blocks = [
            self._search(queries[start : start + QUERY_BLOCK], limit, allowed)
            for start in range(0, len(queries), QUERY_BLOCK)
        ] or [no_hits(0, limit)]
        return Hits(
            rows=np.concatenate([hits.rows for hits in blocks]),
            scores=np.concatenate([hits.scores for hits in blocks]),
        )

    def _search(self, queries: Vectors, limit: int, allowed: Mask | None) -> Hits:
        found = no_hits(len(queries), limit)
        for start in range(0, len(self), ROW_BLOCK):
            scores = queries @ self._vectors[start : start + ROW_BLOCK].T
            if allowed is not None:
                scores[:, ~allowed[start : start + ROW_BLOCK]] = -np.inf
            block = best_hits(scores, limit)
            if start == 0:
                found = block
                continue
            rows = np.where(block.rows < 0, -1, block.rows + start)
            found = merged(found, Hits(rows=rows, scores=block.scores), limit)
        return found
