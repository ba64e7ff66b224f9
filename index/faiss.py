"""FaissIndex: a FAISS scan, helped by an HNSW graph where that is faster."""

import math
from typing import Any, Literal

import faiss
import numpy as np

from index.exact import ExactIndex
from index.flat_view import flat_view
from index.hits import first, kept, no_hits, padded, replaced, ties_by_row
from index.hnsw import FITTED_LIMIT, attach, breadth_for, build_graph, looked_at
from index.query import check_limit, check_mask, checked_vectors
from index.vector_index import Hits, Mask, Rows, Vectors

GRAPH_ROWS = 50_000
"""From here "auto" tries a graph. On clustered vectors x 384, limit 200, one thread, walking the graph takes
1.4 ms against 1.9 of a scan at 20,000 rows, 1.2 against 5 at 50,000, 1.1 against 10 at 100,000; building it
takes 18, 46 and 108 s."""
SAMPLE_ROWS = 10_000
FEW_ALLOWED = 0.3
"""Up to this share of allowed rows FAISS skips the others; beyond it is faster to scan all and drop some."""


def build_faiss(
    vectors: Vectors, *, kind: Literal["auto", "flat", "hnsw"] = "auto", seed: int = 0, threads: int = 1
) -> "FaissIndex":
    """Index `vectors` (n, dimension) float32, which are read in place and must not change.

    "flat" scans, "hnsw" also builds a graph, "auto" builds one where it makes searching faster at recall .99:
    for many vectors that lie in clusters. The same vectors and seed give the same graph if `threads` is 1.
    Raises ValueError for another kind or shape.
    """
    if kind not in ("auto", "flat", "hnsw"):
        raise ValueError(f"kind is {kind!r}; expected 'auto', 'flat' or 'hnsw'")
    if np.ndim(vectors) != 2:
        raise ValueError(f"vectors has shape {np.shape(vectors)}; expected (n, dimension)")
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if kind == "flat" or not len(vectors) or (kind == "auto" and not _graph_promises(vectors, seed, threads)):
        return FaissIndex(vectors)
    graph = build_graph(vectors, seed=seed, threads=threads)
    pays = looked_at(graph.hnsw.efSearch) < len(vectors)
    return FaissIndex(vectors, graph if pays or kind == "hnsw" else None)


def _graph_promises(vectors: Vectors, seed: int, threads: int) -> bool:
    """Return whether a graph of a sample is faster than scanning it: learnt in seconds, not minutes.

    The limit shrinks with the rows, so that neighbours are as near as in the whole.
    """
    if len(vectors) < GRAPH_ROWS:
        return False
    rows = np.random.default_rng(seed).choice(len(vectors), SAMPLE_ROWS, replace=False)
    limit = max(10, FITTED_LIMIT * SAMPLE_ROWS // len(vectors))
    graph = build_graph(vectors[np.sort(rows)], limit=limit, seed=seed, threads=threads)
    return looked_at(graph.hnsw.efSearch) < SAMPLE_ROWS


class FaissIndex:
    """Searches vectors where they lie: by the graph, or by scanning where that is cheaper."""

    def __init__(self, vectors: Vectors, graph: faiss.IndexHNSWFlat | None = None) -> None:
        """Keep C-contiguous `vectors` (n, dimension) float32, and a graph of them (`build_graph`)."""
        self._vectors = np.asarray(vectors)
        self._flat = flat_view(self._vectors)
        self._graph: Any = graph
        self._fitted = graph.hnsw.efSearch if graph is not None else 0
        if graph is not None:
            attach(graph, self._flat)

    def __len__(self) -> int:
        """Return the number of vectors."""
        return len(self._vectors)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._vectors.shape[1])

    @property
    def graph(self) -> faiss.IndexHNSWFlat | None:
        """The graph; None where every search is a scan."""
        graph: faiss.IndexHNSWFlat | None = self._graph
        return graph

    def search(self, queries: Vectors, limit: int, *, allowed: Mask | None = None) -> Hits:
        """Return the `limit` nearest allowed rows of each query, as `VectorIndex.search` promises.

        A scan is exact. The graph may miss hits (recall .99), never return fewer.
        """
        queries = checked_vectors("queries", queries, dimension=self.dimension)
        check_limit(limit)
        check_mask(allowed, count=len(self))
        count = len(self) if allowed is None else int(np.count_nonzero(allowed))
        if not count:
            return no_hits(len(queries), limit)
        return self._search(queries, limit, allowed, count, _reach(limit, count, len(self)))

    def _search(self, queries: Vectors, limit: int, allowed: Mask | None, count: int, reach: int) -> Hits:
        """Look at the `reach` nearest rows, drop those not allowed, and go further for queries left short."""
        breadth = breadth_for(reach, fitted=self._fitted)
        if self._graph is not None and looked_at(breadth) < count:
            hits = self._walk(queries, reach, breadth)
        elif count > FEW_ALLOWED * len(self) and (allowed is None or reach < len(self)):
            hits = self._scan(queries, reach, None)
        else:
            return self._scan(queries, limit, allowed)
        hits = first(hits, limit) if allowed is None else kept(hits, allowed, limit)
        short = np.flatnonzero(hits.rows[:, min(limit, count) - 1] < 0)
        if not len(short):
            return hits
        return replaced(hits, short, self._search(queries[short], limit, allowed, count, 2 * reach))

    def _walk(self, queries: Vectors, limit: int, breadth: int) -> Hits:
        parameters = None
        if breadth != self._fitted:
            parameters = faiss.SearchParametersHNSW(efSearch=breadth)  # type: ignore[attr-defined]
        scores, rows = self._graph.search(queries, min(limit, len(self)), params=parameters)
        return _ordered(rows, scores, limit)

    def _scan(self, queries: Vectors, limit: int, allowed: Mask | None) -> Hits:
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg,arg-type]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        # One hit more than asked for shows whether the last place is tied; then the lowest rows must win it.
        scores, rows = self._flat.search(queries, min(limit + 1, len(self)), params=parameters)
        hits = _ordered(rows[:, :limit], scores[:, :limit], limit)
        if rows.shape[1] <= limit:
            return hits
        tied = np.flatnonzero((rows[:, limit] >= 0) & (scores[:, limit - 1] == scores[:, limit]))
        if not len(tied):
            return hits
        return replaced(hits, tied, ExactIndex(self._vectors).search(queries[tied], limit, allowed=allowed))


def _reach(limit: int, count: int, rows: int) -> int:
    """Return how many nearest rows hold `limit` of the `count` allowed, these being spread evenly.

    Mean and three standard deviations of the negative binomial; never more than all that are not allowed.
    """
    share = count / rows
    reach = math.ceil((limit + 3 * math.sqrt(limit * (1 - share))) / share)
    return min(reach, limit + rows - count)


def _ordered(rows: Rows, scores: Vectors, limit: int) -> Hits:
    # FAISS puts its own padding last, so that a full last column means there is none.
    full = rows.shape[1] == limit and (rows[:, -1] >= 0).all()
    return ties_by_row(Hits(rows=rows, scores=scores) if full else padded(rows, scores, limit))
