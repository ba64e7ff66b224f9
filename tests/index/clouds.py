"""Vectors of known kinds for the tests of the index."""

import numpy as np

from index import IdMap, IndexSnapshot, LiveIndex, VectorIndex, Vectors
from index.codes import Codes, encode
from index.faiss import FaissIndex, build_faiss
from index.hnsw import build_graph

DIMENSION = 16


def cloud(count: int, *, seed: int, dimension: int = DIMENSION) -> Vectors:
    """Normally distributed vectors of differing norms."""
    return np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)


def grid(count: int, *, seed: int, dimension: int = 3) -> Vectors:
    """Vectors of small whole numbers: many equal ones, and products that any order of adding gets right."""
    return np.random.default_rng(seed).integers(-2, 3, size=(count, dimension)).astype(np.float32)


def woven(count: int, *, seed: int, width: int = 16, spread: float = 0.3) -> Vectors:
    """Three unit blocks round 40 centres each, side by side; a block is zero where the strand is missing."""
    rng = np.random.default_rng(seed)
    blocks = []
    present = rng.random((count, 3)) < (0.9, 0.5, 0.3)
    for strand in range(3):
        centres = np.random.default_rng(strand).standard_normal((40, width))
        points = centres[rng.integers(40, size=count)] + spread * rng.standard_normal((count, width))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        blocks.append(points * present[:, strand, None])
    return np.concatenate(blocks, axis=1).astype(np.float32)


def names(count: int, prefix: str = "item") -> list[str]:
    """The ids item-0, item-1, ..."""
    return [f"{prefix}-{row}" for row in range(count)]


def snapshot_of(vectors: Vectors, index: VectorIndex) -> IndexSnapshot:
    """A snapshot with ids item-0, item-1, ..."""
    return IndexSnapshot(IdMap(names(len(vectors))), vectors, index)


def narrow_graph(vectors: Vectors) -> VectorIndex:
    """An index that walks its graph wherever it can, however few the rows."""
    if not len(vectors):
        return build_faiss(vectors, kind="hnsw")
    graph = build_graph(vectors, seed=0, threads=1)
    graph.hnsw.efSearch = 1
    return FaissIndex(vectors, graph=graph)


def narrow_codes(vectors: Vectors) -> FaissIndex:
    """An index that asks its codes wherever it can, however few the rows, for no more candidates than hits."""
    if len(vectors) < 16:
        return build_faiss(vectors, kind="codes")
    return FaissIndex(vectors, codes=Codes(encode(vectors, seed=0), wider=0.001))


def live_fresh(vectors: Vectors) -> VectorIndex:
    """A live index to which nothing happened."""
    return LiveIndex.open(snapshot_of(vectors, build_faiss(vectors, kind="flat")))


def live_grown(vectors: Vectors) -> VectorIndex:
    """A live index whose second half was added later."""
    half = len(vectors) // 2
    live = LiveIndex.open(snapshot_of(vectors[:half], build_faiss(vectors[:half], kind="flat")))
    live.upsert(names(len(vectors))[half:], vectors[half:])
    return live
