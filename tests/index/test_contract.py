"""What every index must do; each implementation is held against a loop that is plainly right."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import ExactIndex, Hits, Mask, VectorIndex, Vectors, recall_at
from index.faiss import build_faiss
from tests.index.clouds import DIMENSION, cloud, grid, live_fresh, live_grown, narrow_codes, narrow_graph

Build = Callable[[Vectors], VectorIndex]
EXACT: dict[str, Build] = {
    "exact": ExactIndex,
    "flat": lambda vectors: build_faiss(vectors, kind="flat"),
    "hnsw": lambda vectors: build_faiss(vectors, kind="hnsw"),
    "auto": build_faiss,
    "codes": lambda vectors: build_faiss(vectors, kind="codes"),
    "live_fresh": live_fresh,
    "live_grown": live_grown,
}
ALL = EXACT | {"narrow_graph": narrow_graph, "narrow_codes": narrow_codes}


def reference(vectors: Vectors, queries: Vectors, limit: int, allowed: Mask | None = None) -> Hits:
    rows = np.full((len(queries), limit), -1, dtype=np.int64)
    scores = np.full((len(queries), limit), -np.inf, dtype=np.float32)
    for place, query in enumerate(queries):
        found = [
            (-float(np.dot(query, vector)), row)
            for row, vector in enumerate(vectors)
            if allowed is None or allowed[row]
        ]
        for rank, (negated, row) in enumerate(sorted(found)[:limit]):
            rows[place, rank], scores[place, rank] = row, -negated
    return Hits(rows, scores)


@pytest.fixture(params=sorted(ALL))
def build(request: pytest.FixtureRequest) -> Build:
    return ALL[request.param]


@pytest.fixture(params=sorted(EXACT))
def build_exact(request: pytest.FixtureRequest) -> Build:
    return EXACT[request.param]


def assert_well_formed(hits: Hits, queries: int, limit: int, expected: int) -> None:
    assert hits.rows.shape == hits.scores.shape == (queries, limit)
    assert hits.rows.dtype == np.int64
    assert hits.scores.dtype == np.float32
    assert (np.count_nonzero(hits.rows >= 0, axis=1) == min(limit, expected)).all()
    assert ((hits.rows == -1) == (hits.scores == -np.inf)).all()
    for rows, scores in zip(hits.rows, hits.scores, strict=True):
        found = rows[rows >= 0]
        assert len(set(found.tolist())) == len(found)
        assert (rows[: len(found)] >= 0).all()
        pairs = list(zip((-scores[: len(found)]).tolist(), found.tolist(), strict=True))
        assert pairs == sorted(pairs)


@pytest.mark.parametrize("limit", [1, 7, 150, 400])
def test_hits_are_the_nearest_in_order(build_exact: Build, limit: int) -> None:
    vectors, queries = cloud(300, seed=1), cloud(25, seed=2)
    index = build_exact(vectors)
    assert (len(index), index.dimension) == (300, DIMENSION)
    hits, expected = index.search(queries, limit), reference(vectors, queries, limit)
    assert_well_formed(hits, 25, limit, 300)
    np.testing.assert_array_equal(hits.rows, expected.rows)
    np.testing.assert_allclose(hits.scores, expected.scores, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("limit", [1, 10, 500])
def test_filtered_search_finds_as_many_as_there_are(build: Build, share: float, limit: int) -> None:
    vectors, queries = cloud(400, seed=3), cloud(5, seed=4)
    allowed = np.random.default_rng(5).random(400) < share
    hits = build(vectors).search(queries, limit, allowed=allowed)
    assert_well_formed(hits, 5, limit, int(allowed.sum()))
    assert allowed[hits.rows[hits.rows >= 0]].all()


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_filtered_search_is_exact(build_exact: Build, share: float) -> None:
    vectors, queries = cloud(400, seed=6), cloud(5, seed=7)
    allowed = np.random.default_rng(8).random(400) < share
    hits = build_exact(vectors).search(queries, 10, allowed=allowed)
    np.testing.assert_array_equal(hits.rows, reference(vectors, queries, 10, allowed).rows)


def test_one_allowed_row_is_found(build: Build) -> None:
    vectors = cloud(300, seed=9)
    allowed = np.zeros(300, dtype=np.bool_)
    allowed[217] = True
    hits = build(vectors).search(-vectors[217:218], 3, allowed=allowed)
    assert hits.rows.tolist() == [[217, -1, -1]]


@pytest.mark.parametrize("limit", [1, 4, 11, 60])
@pytest.mark.parametrize("queries", [1, 30])
def test_equal_scores_come_by_ascending_row(build_exact: Build, limit: int, queries: int) -> None:
    vectors, asked = grid(50, seed=10), grid(queries, seed=11)
    hits = build_exact(vectors).search(asked, limit)
    np.testing.assert_array_equal(hits.rows, reference(vectors, asked, limit).rows)


def test_duplicates_and_zero_vectors_are_rows_like_others(build: Build) -> None:
    vectors = np.concatenate((np.zeros((60, 4)), np.ones((60, 4)))).astype(np.float32)
    hits = build(vectors).search(np.ones((2, 4), dtype=np.float32), 120)
    assert_well_formed(hits, 2, 120, 120)
    assert hits.rows[0].tolist() == [*range(60, 120), *range(60)]


def test_an_empty_index_finds_nothing(build: Build) -> None:
    index = build(np.empty((0, 4), dtype=np.float32))
    assert (len(index), index.dimension) == (0, 4)
    for allowed in (None, np.empty(0, dtype=np.bool_)):
        assert_well_formed(index.search(cloud(3, seed=1, dimension=4), 2, allowed=allowed), 3, 2, 0)


def test_a_query_of_zeros_is_equally_near_to_all(build: Build) -> None:
    vectors, nothing = cloud(900, seed=16), np.zeros((2, DIMENSION), dtype=np.float32)
    allowed = np.random.default_rng(17).random(900) < 0.9
    for mask in (None, allowed):
        hits = build(vectors).search(nothing, 5, allowed=mask)
        assert_well_formed(hits, 2, 5, 5)
        assert (hits.scores == 0).all()


def test_no_queries_give_no_hits(build: Build) -> None:
    assert_well_formed(build(cloud(30, seed=1)).search(cloud(0, seed=1), 4), 0, 4, 30)


def test_a_query_answers_alike_alone_and_in_a_batch(build: Build) -> None:
    vectors, queries = cloud(300, seed=12), cloud(40, seed=13)
    index = build(vectors)
    batch = index.search(queries, 5)
    alone = np.concatenate([index.search(query[None], 5).rows for query in queries])
    np.testing.assert_array_equal(batch.rows, alone)


@pytest.mark.parametrize(
    ("queries", "limit", "allowed", "message"),
    [
        (np.zeros((1, 3), dtype=np.float32), 1, None, r"queries has shape \(1, 3\); expected \(n, 16\)"),
        (np.zeros(16, dtype=np.float32), 1, None, r"queries has shape \(16,\)"),
        (np.full((1, 16), np.nan, dtype=np.float32), 1, None, "queries holds NaN or infinity"),
        (np.zeros((1, 16), dtype=np.float32), 0, None, "limit is 0; expected at least 1"),
        (np.zeros((1, 16), dtype=np.float32), -3, None, "limit is -3"),
        (np.zeros((1, 16), dtype=np.float32), 1, np.ones(41, dtype=np.bool_), r"allowed is bool \(41,\)"),
        (np.zeros((1, 16), dtype=np.float32), 1, np.ones(40, dtype=np.int64), "allowed is int64"),
    ],
)
def test_wrong_calls_say_what_came(
    build: Build, queries: Vectors, limit: int, allowed: Mask | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build(cloud(40, seed=1)).search(queries, limit, allowed=allowed)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(EXACT)),
    count=st.integers(0, 40),
    limit=st.integers(1, 50),
    seed=st.integers(0, 1000),
    share=st.none() | st.floats(0, 1),
)
def test_any_small_index_answers_as_the_reference(
    name: str, count: int, limit: int, seed: int, share: float | None
) -> None:
    vectors, queries = grid(count, seed=seed), grid(3, seed=seed + 1)
    allowed = None if share is None else np.random.default_rng(seed).random(count) < share
    hits = EXACT[name](vectors).search(queries, limit, allowed=allowed)
    expected = reference(vectors, queries, limit, allowed)
    np.testing.assert_array_equal(hits.rows, expected.rows)
    np.testing.assert_array_equal(hits.scores, expected.scores)


def test_narrow_searches_are_approximate_yet_near(build: Build) -> None:
    vectors, queries = cloud(2000, seed=14), cloud(50, seed=15)
    hits = build(vectors).search(queries, 10)
    assert recall_at(hits, ExactIndex(vectors).search(queries, 10)) > 0.5
