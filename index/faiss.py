"""FaissIndex: a FAISS scan, helped by codes or by an HNSW graph where that is faster."""

import math
from typing import Any, Literal, get_args

import faiss
import numpy as np

from index.codes import Codes, build_codes
from index.exact import ExactIndex
from index.flat_view import flat_view
from index.hits import first, kept, no_hits, padded, replaced, ties_by_row
from index.hnsw import attach, breadth_for, build_graph, looked_at
from index.query import check_limit, check_mask, checked_vectors
from index.recall import FITTED_LIMIT
from index.vector_index import Hits, Mask, Rows, Vectors

Kind = Literal["auto", "flat", "codes", "hnsw"]
GRAPH_ROWS = 500_000
"""From here "auto" tries a graph. On clustered vectors x 384, limit 200, one thread, a search takes

| rows | scan | codes | graph |
|---|---|---|---|
| 100,000 | 13 ms | 2.2 ms | 1.1 ms, where the scan took 10 |
| 300,000 | 42 ms | 4.8 ms | not measured; a walk grows with the logarithm of the rows |

The graph of 100,000 takes 108 s to build, the codes 3.5 s.
"""
SAMPLE_ROWS = 10_000
FEW_ALLOWED = 0.3
"""Up to this share of allowed rows FAISS skips the others; beyond it is faster to scan all and drop some."""


def build_faiss(vectors: Vectors, *, kind: Kind = "auto", seed: int = 0, threads: int = 1) -> "FaissIndex":
    """Index `vectors` (n, dimension) float32, which are read in place and must not change.

    "flat" scans, "hnsw" also builds a graph, "codes" also builds codes where they make searching faster at recall .99
    (see `build_codes`), "auto" does as "codes", or builds a graph where that is faster still: for very many vectors
    that lie in clusters. The same vectors and seed give the same index if `threads`, which build a graph, is 1.
    Raises ValueError for another kind or shape.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"kind is {kind!r}; expected 'auto', 'flat', 'codes' or 'hnsw'")
    if np.ndim(vectors) != 2:
        raise ValueError(f"vectors has shape {np.shape(vectors)}; expected (n, dimension)")
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if kind == "flat" or not len(vectors):
        return FaissIndex(vectors)
    if kind == "hnsw":
        return FaissIndex(vectors, graph=build_graph(vectors, seed=seed, threads=threads))
    codes = build_codes(vectors, seed=seed)
    if kind == "auto" and _graph_promises(vectors, seed, threads):
        graph = build_graph(vectors, seed=seed, threads=threads)
        if looked_at(graph.hnsw.efSearch) < (len(vectors) if codes is None else codes.looked_at(FITTED_LIMIT)):
            return FaissIndex(vectors, graph=graph)
    return FaissIndex(vectors, codes=codes)


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
    """Searches vectors where they lie: by codes or a graph of them, or by scanning where that is cheaper."""

    def __init__(
        self, vectors: Vectors, *, graph: faiss.IndexHNSWFlat | None = None, codes: Codes | None = None
    ) -> None:
        """Keep C-contiguous `vectors` (n, dimension) float32, and a graph (`build_graph`) or `codes` of them."""
        self._vectors = np.asarray(vectors)
        self._flat = flat_view(self._vectors)
        self._codes = codes
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
        """The graph; None where there is none."""
        graph: faiss.IndexHNSWFlat | None = self._graph
        return graph

    @property
    def codes(self) -> Codes | None:
        """The codes; None where there are none."""
        return self._codes

    @property
    def kind(self) -> Literal["flat", "codes", "hnsw"]:
        """What helps a search."""
        if self._graph is not None:
            return "hnsw"
        return "flat" if self._codes is None else "codes"

    def search(self, queries: Vectors, limit: int, *, allowed: Mask | None = None) -> Hits:
        """Return the `limit` nearest allowed rows of each query, as `VectorIndex.search` promises.

        A scan is exact. Codes and graph may miss hits (recall .99), never return fewer.
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
        elif self._codes is not None and self._codes.looked_at(reach) < count:
            hits = self._codes.search(self._flat, queries, reach)
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
            parameters = faiss.SearchParametersHNSW(efSearch=breadth)
        scores, rows = self._graph.search(queries, min(limit, len(self)), params=parameters)
        return _ordered(rows, scores, limit)

    def _scan(self, queries: Vectors, limit: int, allowed: Mask | None) -> Hits:
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
            parameters = faiss.SearchParameters(sel=selector)
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
