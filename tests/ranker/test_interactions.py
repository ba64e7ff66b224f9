"""Interactions and Histories: bounds, cutting by user, and the recent entries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.interactions import Interactions
from tests.ranker.logs import log, random_log


@pytest.mark.parametrize(("users", "items", "message"), [([2], [0], "users holds 2"), ([0], [-1], "items holds -1")])
def test_rows_out_of_bounds(users: list[int], items: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Interactions(np.asarray(users), np.asarray(items), np.zeros(1), np.ones(1, np.float32), 2, 2)


def test_unequal_lengths() -> None:
    with pytest.raises(ValueError, match=r"lengths \[1, 2\]"):
        Interactions(np.zeros(2, np.int64), np.zeros(1, np.int64), np.zeros(1), np.ones(1, np.float32), 1, 1)


def test_histories_keep_the_order_of_each_user_and_know_the_last_moment() -> None:
    histories = log((1, 5, 10.0, 1.0), (0, 3, 11.0, 1.0), (1, 4, 12.0, -1.0), users=3).histories()
    assert histories.offsets.tolist() == [0, 1, 3, 3]
    assert histories.items.tolist() == [3, 5, 4]
    assert histories.now.tolist() == [11.0, 12.0, 0.0]


def test_take_repeats_and_reorders() -> None:
    histories = log((1, 5, 10.0, 1.0), (0, 3, 11.0, 1.0), (1, 4, 12.0, -1.0), users=3).histories()
    taken = histories.take(np.asarray([1, 2, 1]))
    assert taken.items.tolist() == [5, 4, 5, 4]
    assert taken.lengths.tolist() == [2, 0, 2]


def test_recent_is_newest_first_and_padded() -> None:
    recent = log((0, 3, 10.0, 1.0), (1, 5, 10.0, 1.0), (1, 4, 12.0, -1.0), (1, 6, 15.0, 1.0)).histories().recent(2)
    assert recent.items.tolist() == [[3, -1], [6, 4]]
    assert recent.weights.tolist() == [[1.0, 0.0], [1.0, -1.0]]
    assert recent.ages.tolist() == [[0.0, 0.0], [0.0, 3.0]]
    assert recent.used.tolist() == [[True, False], [True, True]]


def test_nobody_and_nothing() -> None:
    assert len(log().histories()) == 0
    assert log(users=2, items=3).histories().recent(5).items.shape == (2, 0)


@given(st.integers(0, 1000), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_recent_agrees_with_a_loop(seed: int, limit: int) -> None:
    histories = random_log(6, 10, 30, seed=seed).histories()
    recent = histories.recent(limit)
    for user in range(len(histories)):
        mine = histories.items[histories.offsets[user] : histories.offsets[user + 1]][::-1][:limit]
        assert recent.items[user][recent.used[user]].tolist() == mine.tolist()
        assert (recent.items[user][~recent.used[user]] == -1).all()


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_histories_round_trip(seed: int) -> None:
    histories = random_log(6, 10, 30, seed=seed).histories()
    again = histories.interactions(10).histories()
    for name in ("offsets", "items", "times", "weights"):
        assert np.array_equal(getattr(again, name), getattr(histories, name)), name
