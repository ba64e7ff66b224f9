"""ExactIndex: hand-computed answers, and blocks that do not show."""

from typing import Any

import numpy as np
import pytest

import index.exact
from index import ExactIndex
from tests.index.clouds import cloud, grid


def test_a_hand_computed_answer() -> None:
    exact = ExactIndex(np.array([[1, 0], [0, 1], [2, 2], [-1, 0]], dtype=np.float32))
    hits = exact.search(np.array([[1, 0.5]], dtype=np.float32), 5)
    assert hits.rows.tolist() == [[2, 0, 1, 3, -1]]
    assert hits.scores.tolist() == [[3.0, 1.0, 0.5, -1.0, -np.inf]]


@pytest.mark.parametrize("block", [1, 3, 16, 64])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    vectors, queries = grid(50, seed=1), grid(20, seed=2)
    allowed = np.random.default_rng(3).random(50) < 0.6
    whole = ExactIndex(vectors).search(queries, 9, allowed=allowed)
    monkeypatch.setattr(index.exact, "ROW_BLOCK", block)
    monkeypatch.setattr(index.exact, "QUERY_BLOCK", block)
    cut = ExactIndex(vectors).search(queries, 9, allowed=allowed)
    np.testing.assert_array_equal(whole.rows, cut.rows)
    np.testing.assert_array_equal(whole.scores, cut.scores)


def test_lists_and_doubles_are_taken_as_float32() -> None:
    exact = ExactIndex(cloud(10, seed=1))
    query = cloud(1, seed=2)
    others: list[Any] = [query.astype(np.float64), query.tolist()]
    for other in others:
        np.testing.assert_array_equal(exact.search(other, 3).rows, exact.search(query, 3).rows)
