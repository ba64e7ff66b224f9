"""Recall, against values computed by hand."""

import numpy as np
import pytest

from index import ExactIndex, Hits, Mask, Vectors, measure_recall, recall_at
from index.recall import probe_queries
from tests.index.clouds import cloud


def hits(rows: list[list[int]], scores: list[list[float]]) -> Hits:
    return Hits(np.array(rows), np.array(scores, dtype=np.float32))


EXACT = hits([[1, 2, 3], [4, 5, -1]], [[3, 2, 1], [2, 1, -np.inf]])


def test_the_exact_answer_has_recall_one() -> None:
    assert recall_at(EXACT, EXACT) == 1.0


def test_recall_pools_hits_over_queries() -> None:
    found = hits([[1, 3, 9], [5, 8, -1]], [[3, 1, 0.5], [1, 0.5, -np.inf]])
    assert recall_at(found, EXACT) == pytest.approx(3 / 5)


def test_a_tie_with_the_last_exact_hit_counts() -> None:
    assert recall_at(hits([[1, 2, 7], [4, 6, -1]], [[3, 2, 1], [2, 1, -np.inf]]), EXACT) == 1.0


def test_more_hits_than_exact_ones_count_no_more() -> None:
    assert recall_at(hits([[1, 2, 3], [4, 5, 6]], [[3, 2, 1], [2, 1, 1]]), EXACT) == 1.0


def test_nothing_to_find_is_recall_one() -> None:
    nothing = hits([[-1]], [[-np.inf]])
    assert recall_at(nothing, nothing) == 1.0


def test_answers_of_different_limits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"approximate has shape \(1, 1\); expected \(2, 3\)"):
        recall_at(hits([[1]], [[3]]), EXACT)


class EverySecond:
    """Finds the even rows only."""

    def __init__(self, vectors: Vectors) -> None:
        self._exact = ExactIndex(vectors)
        self.dimension = self._exact.dimension

    def __len__(self) -> int:
        return len(self._exact)

    def search(self, queries: Vectors, limit: int, *, allowed: Mask | None = None) -> Hits:
        return self._exact.search(queries, limit, allowed=np.arange(len(self)) % 2 == 0)


def test_measured_recall_sees_what_is_missing() -> None:
    vectors = cloud(1000, seed=1)
    assert measure_recall(ExactIndex(vectors), vectors, samples=40, limit=10, seed=2) == 1.0
    assert 0.4 < measure_recall(EverySecond(vectors), vectors, samples=200, limit=10, seed=2) < 0.6


def test_probe_queries_are_items_and_sums_and_repeatable() -> None:
    vectors = np.eye(50, dtype=np.float32)
    queries = probe_queries(vectors, samples=40, seed=3)
    np.testing.assert_array_equal(queries, probe_queries(vectors, samples=40, seed=3))
    np.testing.assert_array_equal(queries.sum(axis=1), [1.0] * 20 + [2.0] * 20)
    with pytest.raises(ValueError, match="expected at least one row"):
        probe_queries(vectors[:0], samples=1, seed=0)
