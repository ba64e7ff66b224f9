"""Interests: groups known by construction, shares that sum to the attention, nothing left to chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.interests import find_interests
from tests.ranker.logs import unit_rows


def two_tastes(*, per_side: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return attention (1, 2n) and history (1, 2n, 6) of two tastes that alternate, the even entries' heavier."""
    rng = np.random.default_rng(3)
    sides = np.tile(np.eye(2), (per_side, 1))
    history = np.concatenate([sides, rng.normal(0, 0.1, (2 * per_side, 4))], axis=1).astype(np.float32)
    attention = np.tile([0.6, 0.4], per_side).astype(np.float32)[None] / per_side
    return attention, history[None]


def test_two_tastes_are_told_apart() -> None:
    attention, history = two_tastes()
    found = find_interests(attention, history, 2)
    assert found.members[0].tolist() == [0, 1] * 4
    assert found.shares[0] == pytest.approx([0.6, 0.4])
    assert found.vectors[0, 0, 0] > 0.9
    assert found.vectors[0, 1, 1] > 0.9


def test_one_interest_is_the_attended_mean() -> None:
    attention, history = two_tastes()
    found = find_interests(attention, history, 1)
    unit = history[0] / np.linalg.norm(history[0], axis=1, keepdims=True)
    mean = attention[0] @ unit
    assert found.vectors[0, 0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)
    assert found.shares[0] == pytest.approx([1.0])


def test_entries_that_are_alike_make_one_interest() -> None:
    history = np.tile(unit_rows(1, 5), (3, 1))[None]
    found = find_interests(np.full((1, 3), 1 / 3, np.float32), history, 3)
    assert found.members.tolist() == [[0, 0, 0]]
    assert found.shares[0] == pytest.approx([1, 0, 0])
    assert not found.vectors[0, 1:].any()


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_shares_members_and_vectors_agree(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    attention = rng.random((3, 7)).astype(np.float32) * (rng.random((3, 7)) < 0.7)
    history = rng.normal(size=(3, 7, 4)).astype(np.float32)
    found = find_interests(attention, history, count)
    assert ((found.members >= 0) == (attention > 0)).all()
    for place in range(count):
        mine = found.members == place
        assert found.shares[:, place] == pytest.approx((attention * mine).sum(axis=1), abs=1e-5)
    assert (np.diff(found.shares, axis=1) <= 1e-6).all()
    norms = np.linalg.norm(found.vectors, axis=2)
    assert norms[found.shares > 0] == pytest.approx(1, abs=1e-5)
    assert not norms[found.shares == 0].any()


def test_users_do_not_touch_one_another() -> None:
    rng = np.random.default_rng(5)
    attention, history = rng.random((4, 6)).astype(np.float32), rng.normal(size=(4, 6, 3)).astype(np.float32)
    together = find_interests(attention, history, 3)
    for user in range(4):
        alone = find_interests(attention[[user]], history[[user]], 3)
        assert alone.members[0].tolist() == together.members[user].tolist()


def test_nobody_and_nothing() -> None:
    empty = find_interests(np.zeros((2, 0), np.float32), np.zeros((2, 0, 4), np.float32), 2)
    assert (empty.vectors.shape, empty.members.shape) == ((2, 2, 4), (2, 0))
    silent = find_interests(np.zeros((1, 3), np.float32), unit_rows(3, 4)[None], 2)
    assert not silent.vectors.any()
    assert silent.members.tolist() == [[-1, -1, -1]]
    blank = find_interests(np.ones((1, 2), np.float32), np.zeros((1, 2, 4), np.float32), 2)
    assert not blank.vectors.any()
    with pytest.raises(ValueError, match="count is 0"):
        find_interests(np.ones((1, 2), np.float32), np.zeros((1, 2, 4), np.float32), 0)
