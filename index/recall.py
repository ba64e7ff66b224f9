"""How much of the exact answer an index finds."""

import numpy as np

from index.exact import ExactIndex
from index.vector_index import Hits, Rows, VectorIndex, Vectors

FITTED_LIMIT = 200
"""The limit at which an approximate search is fitted: the candidates of a recommendation."""
RECALL = 0.993
"""Aimed at on probe queries, a little above the promised .99."""
PROBES = 128
LEVEL = 1e-5
"""Scores this close are equal: two ways of adding the same products differ by less."""


def recall_at(approximate: Hits, exact: Hits) -> float:
    """Return the share of the exact hits that `approximate` found, over all queries; 1.0 if there are none.

    Both answer the same queries at the same limit. A hit that ties with the last exact one counts as found.
    """
    found, expected = found_of(approximate, exact)
    return float(found.sum() / expected.sum()) if expected.any() else 1.0


def found_of(approximate: Hits, exact: Hits) -> tuple[Rows, Rows]:
    """Return for each query (m,) how many exact hits `approximate` found, and how many there are; see `recall_at`."""
    if approximate.rows.shape != exact.rows.shape:
        raise ValueError(f"approximate has shape {approximate.rows.shape}; expected {exact.rows.shape}")
    expected = np.count_nonzero(exact.rows >= 0, axis=1)
    last = np.take_along_axis(exact.scores, np.maximum(expected - 1, 0)[:, None], axis=1)
    found = np.count_nonzero(approximate.scores >= last - LEVEL, axis=1)
    return np.minimum(found, expected), expected


def measure_recall(index: VectorIndex, vectors: Vectors, *, samples: int, limit: int, seed: int) -> float:
    """Return the recall of `index` over `vectors` (n, dimension) at `limit`, on `samples` probe queries."""
    queries = probe_queries(vectors, samples=samples, seed=seed)
    return recall_at(index.search(queries, limit), ExactIndex(vectors).search(queries, limit))


def probe_queries(vectors: Vectors, *, samples: int, seed: int) -> Vectors:
    """Return (samples, dimension) likely queries: half are items, half the sum of two, like a profile."""
    if not len(vectors):
        raise ValueError(f"vectors has shape {vectors.shape}; expected at least one row")
    rows = np.random.default_rng(seed).integers(len(vectors), size=(samples, 2))
    queries = np.array(vectors[rows[:, 0]], dtype=np.float32)
    queries[samples // 2 :] += vectors[rows[samples // 2 :, 1]]
    return queries
