"""HNSW graphs: built, their search breadth set by measured recall, and told when a scan is cheaper.

Inner product is searched as it is. Turning it into L2 by one more coordinate (Bachrach et al. 2014) was
measured on clustered vectors with zero blocks, 20,000 x 384, breadth 800: recall of 200 fell from .998
to .837.
"""

from typing import Any

import faiss
import numpy as np

from index.faiss_threads import faiss_threads
from index.flat_view import flat_view
from index.recall import FITTED_LIMIT, PROBES, RECALL, probe_queries, recall_at
from index.vector_index import Hits, Vectors

LINKS = 32
CONSTRUCTION_BREADTH = 200
"""On clustered vectors, 100,000 x 384, recall of 200 at breadth 400 is .976 with 100 and .998 with 200."""
SCANNED_A_NODE = 40
STEP = 1.25


def build_graph(vectors: Vectors, *, limit: int = FITTED_LIMIT, seed: int, threads: int) -> faiss.IndexHNSWFlat:
    """Return an HNSW graph over `vectors` (n, dimension), without them: `attach` gives it something to read.

    One thread builds the same graph each time. `efSearch` is the breadth that reaches RECALL at `limit`, or
    the first that does not pay (see `looked_at`).
    """
    with faiss_threads(threads):
        graph: Any = faiss.IndexHNSWFlat(vectors.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = CONSTRUCTION_BREADTH
        graph.hnsw.rng = faiss.RandomGenerator(seed)
        graph.add(np.asarray(vectors))
        graph.hnsw.efSearch = _fitted_breadth(graph, vectors, limit=limit, seed=seed)
    data = faiss.serialize_index(graph, faiss.IO_FLAG_SKIP_STORAGE)
    bare: faiss.IndexHNSWFlat = faiss.deserialize_index(data)
    return bare


def attach(graph: faiss.IndexHNSWFlat, flat: faiss.IndexFlatIP) -> None:
    """Let `graph` read its vectors from `flat`, which the caller keeps alive: no second copy of them."""
    graph.storage = flat
    graph.own_fields = False


def looked_at(breadth: int) -> int:
    """Return about how many vectors are scanned in the time of a search of this breadth.

    Measured at 20,000 and 100,000 x 384: 25 to 50 a node. Where fewer are in question the scan is faster, and
    exact.
    """
    return breadth * SCANNED_A_NODE


def breadth_for(limit: int, *, fitted: int) -> int:
    """Return the breadth for `limit` hits, where `fitted` is right for FITTED_LIMIT."""
    return max(limit, fitted, fitted * limit // FITTED_LIMIT)


def _fitted_breadth(graph: faiss.IndexHNSWFlat, vectors: Vectors, *, limit: int, seed: int) -> int:
    queries = probe_queries(vectors, samples=PROBES, seed=seed)
    limit = min(limit, len(vectors))
    exact = _hits(flat_view(vectors), queries, limit)
    breadth = limit
    while looked_at(breadth) < len(vectors):
        graph.hnsw.efSearch = breadth
        if recall_at(_hits(graph, queries, limit), exact) >= RECALL:
            break
        breadth = int(np.ceil(breadth * STEP))
    return breadth


def _hits(index: faiss.Index, queries: Vectors, limit: int) -> Hits:
    scores, rows = index.search(queries, limit)
    return Hits(rows=rows, scores=scores)
