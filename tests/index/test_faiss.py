"""FaissIndex: no copy of the vectors, repeatable graphs, recall, and the choice between graph and scan."""

from typing import Any

import faiss
import numpy as np
import pytest

import index.faiss
from index import ExactIndex, Vectors, measure_recall, recall_at
from index.faiss import FaissIndex, build_faiss
from index.flat_view import flat_view
from index.hnsw import breadth_for, build_graph, looked_at
from index.recall import FITTED_LIMIT
from tests.index.clouds import cloud, woven

ROWS = 12_000


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return woven(ROWS, seed=1)


@pytest.fixture(scope="module")
def built(vectors: Vectors) -> FaissIndex:
    return build_faiss(vectors, kind="hnsw", seed=3)


def walks(index: FaissIndex) -> int:
    assert index.graph is not None
    return looked_at(index.graph.hnsw.efSearch)


def test_the_graph_finds_nearly_all_where_blocks_are_missing(built: FaissIndex, vectors: Vectors) -> None:
    assert walks(built) < ROWS
    for limit in (10, 200):
        assert measure_recall(built, vectors, samples=100, limit=limit, seed=4) >= 0.99


def test_queries_that_weigh_the_strands_find_as_much(built: FaissIndex, vectors: Vectors) -> None:
    weights = np.repeat(np.array([1.0, 0.4, 0.0], dtype=np.float32), vectors.shape[1] // 3)
    queries = woven(100, seed=5) * weights
    exact = ExactIndex(vectors).search(queries, 100)
    assert recall_at(built.search(queries, 100), exact) >= 0.98


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.8, 0.95])
def test_filters_keep_recall_and_count(built: FaissIndex, vectors: Vectors, share: float) -> None:
    allowed = np.random.default_rng(6).random(ROWS) < share
    queries = vectors[:60]
    hits = built.search(queries, 50, allowed=allowed)
    assert allowed[hits.rows].all()
    assert recall_at(hits, ExactIndex(vectors).search(queries, 50, allowed=allowed)) >= 0.99


@pytest.mark.parametrize("hidden", [10, 100, 1000, 4000, 11_000])
def test_a_filter_may_hide_just_the_nearest(built: FaissIndex, vectors: Vectors, hidden: int) -> None:
    exact = ExactIndex(vectors)
    allowed = np.ones(ROWS, dtype=np.bool_)
    allowed[exact.search(vectors[:1], hidden).rows[0]] = False
    hits = built.search(vectors[:1], 20, allowed=allowed)
    assert recall_at(hits, exact.search(vectors[:1], 20, allowed=allowed)) >= 0.95


@pytest.mark.parametrize("limit", [5, 60])
@pytest.mark.parametrize("share", [0.6, 1.0])
def test_rows_the_graph_cannot_reach_are_found(limit: int, share: float) -> None:
    vectors = cloud(6000, seed=10)
    graph: Any = build_graph(vectors, seed=0, threads=1)
    graph.hnsw.efSearch = 1
    links = faiss.vector_to_array(graph.hnsw.neighbors)
    faiss.copy_array_to_vector(np.full_like(links, -1), graph.hnsw.neighbors)
    allowed = np.random.default_rng(11).random(6000) < share
    cut_off = FaissIndex(vectors, graph=graph)
    mask = None if share == 1 else allowed
    hits = cut_off.search(vectors[:4], limit, allowed=mask)
    expected = ExactIndex(vectors).search(vectors[:4], limit, allowed=mask)
    np.testing.assert_array_equal(hits.rows, expected.rows)


def test_breadth_is_fitted_to_the_data() -> None:
    vectors = woven(9000, seed=12, spread=0.9)
    graph = build_graph(vectors, limit=20, seed=0, threads=1)
    narrow = graph.hnsw.efSearch
    assert narrow > 20
    assert looked_at(narrow) < 9000
    fitted = FaissIndex(vectors, graph=graph)
    assert measure_recall(fitted, vectors, samples=200, limit=20, seed=13) >= 0.985


def test_the_same_seed_builds_the_same_graph(vectors: Vectors) -> None:
    first, again, other = (build_graph(vectors[:3000], seed=seed, threads=1) for seed in (7, 7, 8))
    skip = faiss.IO_FLAG_SKIP_STORAGE
    data = faiss.serialize_index(first, skip)
    np.testing.assert_array_equal(data, faiss.serialize_index(again, skip))
    assert not np.array_equal(data, faiss.serialize_index(other, skip))


def test_more_threads_build_a_graph_as_good(vectors: Vectors) -> None:
    before = faiss.omp_get_max_threads()
    index = build_faiss(vectors[:4000], kind="hnsw", threads=2)
    assert measure_recall(index, vectors[:4000], samples=50, limit=50, seed=1) >= 0.99
    assert faiss.omp_get_max_threads() == before


def test_vectors_are_read_in_place() -> None:
    vectors = cloud(100, seed=1)
    indexes = [build_faiss(vectors, kind="flat"), build_faiss(vectors, kind="hnsw")]
    vectors[42] = 50
    for found in indexes:
        assert found.search(np.ones((1, 16), dtype=np.float32), 1).rows.tolist() == [[42]]


def test_a_flat_view_outlives_what_made_it() -> None:
    vectors = cloud(1000, seed=2)
    flat = flat_view(vectors)
    own = faiss.IndexFlatIP(16)
    own.add(vectors)
    for limit in (1, 150, 2000):
        for ours, theirs in zip(flat.search(vectors[:3], limit), own.search(vectors[:3], limit), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert flat_view(vectors[:0]).ntotal == 0


def test_the_scan_resolves_ties_at_the_edge_as_the_reference_does() -> None:
    vectors = np.zeros((900, 8), dtype=np.float32)
    vectors[::7, 0] = 1
    for limit in (1, 99, 100, 130, 700):
        hits = build_faiss(vectors, kind="flat").search(np.eye(8, dtype=np.float32)[:2], limit)
        np.testing.assert_array_equal(
            hits.rows, ExactIndex(vectors).search(np.eye(8, dtype=np.float32)[:2], limit).rows
        )


def test_auto_scans_few_vectors_and_those_without_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    assert build_faiss(woven(500, seed=1)).graph is None
    monkeypatch.setattr(index.faiss, "GRAPH_ROWS", 6000)
    monkeypatch.setattr(index.faiss, "SAMPLE_ROWS", 3000)
    assert build_faiss(cloud(6000, seed=2, dimension=96)).graph is None


def test_auto_builds_a_graph_where_it_pays(monkeypatch: pytest.MonkeyPatch, vectors: Vectors) -> None:
    monkeypatch.setattr(index.faiss, "GRAPH_ROWS", ROWS)
    chosen = build_faiss(vectors, seed=3)
    assert chosen.graph is not None
    assert measure_recall(chosen, vectors, samples=50, limit=50, seed=9) >= 0.99


def test_breadth_grows_with_the_limit() -> None:
    assert breadth_for(10, fitted=250) == 250
    assert breadth_for(2 * FITTED_LIMIT, fitted=250) == 500
    assert breadth_for(300, fitted=1) == 300
    assert breadth_for(10, fitted=0) == 10


def test_wrong_kinds_and_shapes_are_refused() -> None:
    unknown: Any = "ivf"
    with pytest.raises(ValueError, match="kind is 'ivf'; expected 'auto', 'flat', 'codes' or 'hnsw'"):
        build_faiss(cloud(3, seed=1), kind=unknown)
    with pytest.raises(ValueError, match=r"vectors has shape \(16,\)"):
        build_faiss(cloud(3, seed=1)[0])
