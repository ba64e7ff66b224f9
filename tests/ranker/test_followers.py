"""Followers against the scores of item weights, one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.followers import followers
from ranker.item_weights import ItemWeights


def square(size: int, seed: int) -> ItemWeights:
    rng = np.random.default_rng(seed)
    weights = rng.choice([-0.5, 0.0, 0.25, 0.5, 1.0], (size, size)).astype(np.float32)
    np.fill_diagonal(weights, 0.0)
    return ItemWeights(np.arange(size) * 2, weights)


@given(st.integers(0, 10_000), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_against_scores(seed: int, limit: int) -> None:
    rng, weights = np.random.default_rng(seed), square(8, seed)
    recent = rng.integers(-1, 8, (3, 4))
    strengths = rng.choice([0.0, 0.5, 1.0], (3, 4)).astype(np.float32)
    allowed = np.flatnonzero(rng.random(8) < 0.7)
    found = followers(weights, recent, strengths, limit, allowed=allowed)
    scores = weights.score(recent, strengths, np.tile(np.arange(8), (3, 1)))
    for user in range(3):
        ranked = sorted((-float(scores[user, place]), place) for place in allowed if scores[user, place] > 0)
        expected = [place for _, place in ranked][:limit]
        assert found[user].tolist() == expected + [-1] * (limit - len(expected))


def test_without_a_square_or_a_history() -> None:
    nothing = ItemWeights(np.empty(0, np.int64), np.zeros((0, 0), np.float32))
    assert followers(nothing, np.zeros((2, 1), np.int64) - 1, np.ones((2, 1), np.float32), 3).tolist() == [[-1] * 3] * 2
    assert followers(square(4, 0), np.empty((1, 0), np.int64), np.empty((1, 0), np.float32), 2).tolist() == [[-1, -1]]


def test_a_limit_below_one() -> None:
    with pytest.raises(ValueError, match="limit is 0"):
        followers(square(4, 0), np.zeros((1, 1), np.int64), np.ones((1, 1), np.float32), 0)
