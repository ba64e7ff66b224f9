"""Codes: how many candidates they need, where there are none, and searches that go by them."""

from typing import Any

import faiss
import numpy as np
import pytest

import index.codes
from index import ExactIndex, Vectors, measure_recall, recall_at
from index.codes import LEAST_ROWS, WIDER, Codes, build_codes, check_codes, encode, looked_at
from index.faiss import FaissIndex, build_faiss
from index.flat_view import flat_view
from index.recall import FITTED_LIMIT, RECALL, probe_queries
from tests.index.clouds import cloud, grid, woven

ROWS = LEAST_ROWS


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return woven(ROWS, seed=1, width=64)


@pytest.fixture(scope="module")
def built(vectors: Vectors) -> FaissIndex:
    return build_faiss(vectors, kind="codes", seed=3)


def codes_of(found: FaissIndex) -> Codes:
    assert found.codes is not None
    return found.codes


def test_enough_rows_are_searched_by_codes(built: FaissIndex, vectors: Vectors) -> None:
    assert (built.kind, built.graph) == ("codes", None)
    assert codes_of(built).looked_at(FITTED_LIMIT) < ROWS / 2
    assert build_faiss(vectors).kind == "codes"
    assert build_faiss(vectors[:-1]).kind == build_faiss(vectors[:-1], kind="codes").kind == "flat"


@pytest.mark.parametrize("limit", [1, 10, 200, 400])
def test_they_find_nearly_all(built: FaissIndex, vectors: Vectors, limit: int) -> None:
    assert codes_of(built).looked_at(limit) < ROWS
    assert measure_recall(built, vectors, samples=60, limit=limit, seed=4) >= 0.99


@pytest.mark.parametrize("weights", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.4, 0.1)])
def test_queries_that_weigh_the_strands_find_as_much(
    built: FaissIndex, vectors: Vectors, weights: tuple[float, float, float]
) -> None:
    queries = woven(60, seed=5, width=64) * np.repeat(np.array(weights, dtype=np.float32), 64)
    assert recall_at(built.search(queries, 200), ExactIndex(vectors).search(queries, 200)) >= 0.98


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9, 0.999])
def test_filters_keep_recall_and_count(built: FaissIndex, vectors: Vectors, share: float) -> None:
    allowed = np.random.default_rng(6).random(ROWS) < share
    hits = built.search(vectors[:40], 50, allowed=allowed)
    assert allowed[hits.rows].all()
    assert recall_at(hits, ExactIndex(vectors).search(vectors[:40], 50, allowed=allowed)) >= 0.99


@pytest.mark.parametrize("hidden", [10, 300, 1500, 19_000])
def test_a_filter_may_hide_just_the_nearest(built: FaissIndex, vectors: Vectors, hidden: int) -> None:
    exact = ExactIndex(vectors)
    allowed = np.ones(ROWS, dtype=np.bool_)
    allowed[exact.search(vectors[:1], hidden).rows[0]] = False
    hits = built.search(vectors[:1], 20, allowed=allowed)
    assert recall_at(hits, exact.search(vectors[:1], 20, allowed=allowed)) >= 0.95


def test_scores_are_those_of_the_vectors(built: FaissIndex, vectors: Vectors) -> None:
    hits = built.search(vectors[:30], 100)
    expected = np.einsum("mld,md->ml", vectors[hits.rows], vectors[:30])
    np.testing.assert_allclose(hits.scores, expected, rtol=1e-5, atol=1e-5)
    assert (np.diff(hits.scores, axis=1) <= 0).all()


def test_equal_scores_come_by_row() -> None:
    half = grid(2000, seed=7, dimension=6)
    doubled = np.concatenate([half, half])
    codes = Codes(encode(doubled, seed=0), wider=2)
    hits = codes.search(flat_view(doubled), doubled[:20], 50)
    tied = hits.scores[:, 1:] == hits.scores[:, :-1]
    assert tied.any()
    assert (np.diff(hits.rows, axis=1)[tied] > 0).all()


@pytest.mark.parametrize("dimension", [1, 2, 3, 15])
def test_a_dimension_may_be_odd(dimension: int) -> None:
    vectors, queries = cloud(3000, seed=8, dimension=dimension), cloud(20, seed=9, dimension=dimension)
    codes = Codes(encode(vectors, seed=0), wider=4)
    check_codes(codes.index, rows=3000, dimension=dimension)
    hits = codes.search(flat_view(vectors), queries, 20)
    assert recall_at(hits, ExactIndex(vectors).search(queries, 20)) >= 0.99


def test_candidates_are_as_many_as_the_data_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.codes, "LEAST_ROWS", 8000)
    monkeypatch.setattr(index.codes, "WIDER", (1, 2, 4, 8))
    monkeypatch.setattr(index.codes, "GAIN", 0)
    hard, easy = cloud(8000, seed=10, dimension=64), woven(8000, seed=10, width=64)
    wider = {}
    for name, vectors in (("hard", hard), ("easy", easy)):
        codes = build_codes(vectors, seed=0)
        assert codes is not None
        wider[name] = codes.wider
        # Asked themselves: the index of so few rows would scan.
        queries, flat = probe_queries(vectors, samples=100, seed=11), flat_view(vectors)
        exact = ExactIndex(vectors).search(queries, FITTED_LIMIT)
        assert recall_at(codes.search(flat, queries, FITTED_LIMIT), exact) >= 0.985
        narrower = Codes(codes.index, codes.wider / 2)
        assert recall_at(narrower.search(flat, queries, FITTED_LIMIT), exact) < RECALL
    assert wider["easy"] < wider["hard"]


def test_where_no_width_suffices_or_pays_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = cloud(ROWS, seed=12, dimension=32)
    monkeypatch.setattr(index.codes, "GAIN", 0)
    monkeypatch.setattr(index.codes, "WIDER", (1,))
    assert build_codes(vectors, seed=0) is None
    monkeypatch.undo()
    monkeypatch.setattr(index.codes, "GAIN", 20)
    assert build_codes(vectors, seed=0) is None
    assert build_faiss(vectors).kind == "flat"


def test_candidates_grow_with_the_limit_and_their_cost_with_them() -> None:
    codes = Codes(encode(cloud(100, seed=1), seed=0), wider=6)
    assert [codes.candidates(limit) for limit in (1, 200, 1000)] == [1200, 1200, 6000]
    assert Codes(codes.index, wider=0.001).candidates(7) == 7
    assert tuple(sorted(WIDER)) == WIDER
    costs = [looked_at(count, rows=100_000, dimension=384) for count in (200, 2000, 20_000)]
    assert costs == sorted(costs)
    assert looked_at(200, rows=100_000, dimension=384) < looked_at(200, rows=200_000, dimension=384)


def test_the_same_seed_learns_the_same_codes(vectors: Vectors) -> None:
    first, again, other = (faiss.serialize_index(encode(vectors[:5000], seed=seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_chunks_are_encoded_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = cloud(1000, seed=13, dimension=7)
    whole = faiss.serialize_index(encode(vectors, seed=0))
    monkeypatch.setattr(index.codes, "CHUNK", 333)
    np.testing.assert_array_equal(faiss.serialize_index(encode(vectors, seed=0)), whole)


def test_threads_are_as_before(vectors: Vectors) -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(before + 1)
    try:
        build_codes(vectors, seed=0)
        assert faiss.omp_get_max_threads() == before + 1
    finally:
        faiss.omp_set_num_threads(before)


def test_a_long_batch_is_answered_as_single_queries(built: FaissIndex, vectors: Vectors) -> None:
    queries = vectors[:150]
    together = built.search(queries, 20)
    for place in (0, 63, 64, 149):
        np.testing.assert_array_equal(built.search(queries[[place]], 20).rows[0], together.rows[place])


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_codes_that_find_nothing_give_no_fewer_hits(vectors: Vectors, share: float) -> None:
    broken: Any = encode(vectors, seed=0)
    centroids = faiss.vector_to_array(broken.pq.centroids)
    faiss.copy_array_to_vector(np.zeros_like(centroids), broken.pq.centroids)
    allowed = None if share == 1 else np.random.default_rng(14).random(ROWS) < share
    found = FaissIndex(vectors, codes=Codes(broken, wider=6))
    assert (codes_of(found).search(flat_view(vectors), vectors[:3], 5).rows == -1).all()
    hits = found.search(vectors[:3], 50, allowed=allowed)
    np.testing.assert_array_equal(hits.rows, ExactIndex(vectors).search(vectors[:3], 50, allowed=allowed).rows)
