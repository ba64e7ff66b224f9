"""Codes: vectors in four bits for every two coordinates, which find candidates; the vectors themselves decide.

Product quantisation (Jegou et al. 2011, "Product quantization for nearest neighbor search"), its tables held in
registers (Andre et al. 2015, "Cache locality is not enough"). How many candidates are enough is measured on the
data, as the breadth of a graph is.
"""

from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np

from index.faiss_threads import faiss_threads
from index.flat_view import flat_view
from index.hits import best_hits, no_hits
from index.recall import FITTED_LIMIT, PROBES, RECALL, probe_queries, recall_at
from index.vector_index import Hits, Rows, Vectors

BITS = 4
LEAST_ROWS = 20_000
"""Below, a scan takes less than 3 ms (x 384) and is exact; at 20,000 codes take .4 of its time."""
TRAINING_ROWS = 4096
"""The codebooks of 16 entries do not gain from more: recall of 2,400 candidates is .9954, from 10,000 .9964."""
WIDER = (6, 8, 12, 16, 24, 32)
"""Candidates for each hit: the first that reaches RECALL is taken.

On clustered vectors 2 do so for whole items, but then queries of one strand find .963 and 1,000 hits .940; with 6
all find .998. Their cost is hard to see (.229 of a scan of 50,000 against .226).
"""
GAIN = 2
"""Codes are kept where a search is this many times as fast as a scan, which is exact."""
CHUNK = 65_536
QUERY_BLOCK = 64


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Codes of every row, without the vectors; `wider` candidates for each hit are enough at FITTED_LIMIT."""

    index: faiss.IndexPQFastScan
    wider: float

    def candidates(self, limit: int) -> int:
        """Return how many candidates hold the `limit` nearest: never fewer than for FITTED_LIMIT."""
        return int(np.ceil(max(limit, self.wider * max(limit, FITTED_LIMIT))))

    def looked_at(self, limit: int) -> int:
        """Return about how many vectors are scanned in the time of a search for `limit`."""
        return looked_at(self.candidates(limit), rows=self.index.ntotal, dimension=self.index.d)

    def search(self, flat: faiss.IndexFlatIP, queries: Vectors, limit: int) -> Hits:
        """Return the best `limit` of each query's candidates, by their vectors in `flat`, which all codes are of.

        Fewer than `limit` only where there are no more rows, or the codes are damaged.
        """
        count = min(self.candidates(limit), self.index.ntotal)
        blocks = [
            _best(flat, block, nearest_codes(self.index, block, count), limit)
            for block in (queries[start : start + QUERY_BLOCK] for start in range(0, len(queries), QUERY_BLOCK))
        ] or [no_hits(0, limit)]
        return Hits(np.concatenate([hits.rows for hits in blocks]), np.concatenate([hits.scores for hits in blocks]))


def build_codes(vectors: Vectors, *, seed: int) -> Codes | None:
    """Return codes of C-contiguous `vectors` (n, dimension) float32 with the candidates they need.

    None for fewer than LEAST_ROWS, and where no number of candidates both reaches RECALL and is faster than a scan.
    The same vectors and seed give the same codes.
    """
    rows, dimension = vectors.shape
    if rows < LEAST_ROWS:
        return None
    paying = [
        wider for wider in WIDER if GAIN * looked_at(wider * FITTED_LIMIT, rows=rows, dimension=dimension) <= rows
    ]
    if not paying:
        return None
    return _fitted(encode(vectors, seed=seed), vectors, paying, seed)


def encode(vectors: Vectors, *, seed: int) -> faiss.IndexPQFastScan:
    """Return the codes of `vectors` (n, dimension), n at least 16, with codebooks learnt from a sample of them.

    One thread works: the means of pairs of numbers are too small a work to share, and on a busy machine two threads
    that waited for each other took 76 s instead of 8.
    """
    rows, dimension = vectors.shape
    index: Any = empty_codes(dimension)
    index.pq.cp.seed = seed
    # Few rows train poor codebooks, which the fit sees; FAISS need not say so on the terminal.
    index.pq.cp.min_points_per_centroid = 1
    sample = np.random.default_rng(seed).choice(rows, min(rows, TRAINING_ROWS), replace=False)
    with faiss_threads(1):
        index.train(_even(vectors[np.sort(sample)]))
        for start in range(0, rows, CHUNK):
            index.add(_even(vectors[start : start + CHUNK]))
    codes: faiss.IndexPQFastScan = index
    return codes


def empty_codes(dimension: int) -> faiss.IndexPQFastScan:
    """Return an index of codes of vectors of this `dimension`; an odd one has a zero beside the last coordinate."""
    pairs = (dimension + 1) // 2
    return faiss.IndexPQFastScan(2 * pairs, pairs, BITS, faiss.METRIC_INNER_PRODUCT)


def check_codes(index: faiss.IndexPQFastScan, *, rows: int, dimension: int) -> None:
    """Raise ValueError unless `index`, read from a file, is what `encode` makes of (rows, dimension) vectors.

    FAISS trusts these numbers when it searches; a wrong one would make it read outside the codes.
    """
    expected = _layout(empty_codes(dimension))
    expected |= {"ntotal": rows, "ntotal2": -(-rows // index.bbs) * index.bbs if index.bbs > 0 else 0}
    found = _layout(index)
    wrong = [f"{name} {found[name]}, expected {value}" for name, value in expected.items() if found[name] != value]
    if not wrong:
        bytes_held = index.codes.size()
        if bytes_held != index.ntotal2 * index.M2 // 2:
            wrong = [f"{bytes_held} bytes of codes, expected {index.ntotal2 * index.M2 // 2}"]
        elif not np.isfinite(faiss.vector_to_array(index.pq.centroids)).all():
            wrong = ["centroids that are no finite numbers"]
    if wrong:
        raise ValueError(f"holds codes with {'; '.join(wrong)}")


def _layout(index: Any) -> dict[str, int]:
    own = (
        "d",
        "metric_type",
        "ntotal",
        "ntotal2",
        "M",
        "M2",
        "nbits",
        "ksub",
        "code_size",
        "bbs",
        "implem",
        "qbs",
        "skip",
    )
    of_quantizer = ("d", "M", "nbits", "ksub", "dsub", "code_size")
    layout = {name: int(getattr(index, name)) for name in own}
    layout |= {f"pq.{name}": int(getattr(index.pq, name)) for name in of_quantizer}
    return layout | {"centroids": int(index.pq.centroids.size())}


def nearest_codes(index: faiss.IndexPQFastScan, queries: Vectors, count: int) -> Rows:
    """Return the rows (m, count) whose codes are nearest to each query, ascending; -1 for those not found."""
    _, rows = index.search(_even(queries), count)
    # To zeros all are equally near, of which FAISS returns none.
    rows[~queries.any(axis=1)] = np.arange(count)
    ascending: Rows = np.sort(rows, axis=1)
    return ascending


def looked_at(candidates: int, *, rows: int, dimension: int) -> int:
    """Return about how many vectors are scanned in the time in which codes of `rows` give `candidates`.

    Measured at 20,000 and 100,000 rows x 64 and x 384: a code takes .05 to .08 of a vector's time; a candidate takes
    .35 us and a scanned vector .11 us at 384 dimensions, .12 and .018 us at 64.
    """
    return rows // 12 + round(candidates * (3 + 400 / dimension))


def _fitted(index: faiss.IndexPQFastScan, vectors: Vectors, wider: list[int], seed: int) -> Codes | None:
    queries = probe_queries(vectors, samples=PROBES, seed=seed)
    flat = flat_view(vectors)
    scores, rows = flat.search(queries, FITTED_LIMIT)
    exact = Hits(rows=rows, scores=scores)
    for each in wider:
        codes = Codes(index, each)
        if recall_at(codes.search(flat, queries, FITTED_LIMIT), exact) >= RECALL:
            return codes
    return None


def _even(vectors: Vectors) -> Vectors:
    if vectors.shape[1] % 2 == 0:
        return vectors
    return np.pad(vectors, ((0, 0), (0, 1)))


def _best(flat: faiss.IndexFlatIP, queries: Vectors, rows: Rows, limit: int) -> Hits:
    """Return the best `limit` of `rows` (m, count), which ascend, so that equal scores come in their order."""
    scores = np.empty(rows.shape, dtype=np.float32)
    # FAISS reads each vector where it lies; numpy would copy all candidates first.
    named = np.maximum(rows, 0)
    flat.compute_distance_subset(
        len(queries), faiss.swig_ptr(queries), rows.shape[1], faiss.swig_ptr(scores), faiss.swig_ptr(named)
    )
    scores[rows < 0] = -np.inf
    best = best_hits(scores, limit)
    found = best.rows >= 0
    named = np.take_along_axis(rows, np.maximum(best.rows, 0), axis=1)
    return Hits(np.where(found, named, -1), best.scores)
