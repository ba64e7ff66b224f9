import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedders.held_out_gain import held_out_gain


def texts(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.uint64)


def test_by_hand() -> None:
    scores = np.asarray([[3.0, 1.0, 2.0], [5.0, 4.0, 1.0], [9.0, 8.0, 7.0]])
    # ranks 1, 2, 3
    assert held_out_gain(scores, texts(3)) == pytest.approx(1.0 - (np.log(2.0) + np.log(3.0)) / 3.0 / np.log(3.0))


def test_from_the_last_rank_to_the_first() -> None:
    assert held_out_gain(np.eye(5), texts(5)) == 1.0
    assert held_out_gain(-np.eye(5), texts(5)) == pytest.approx(0.0)
    assert held_out_gain(np.eye(1), texts(1)) == 1.0


def test_a_tie_counts_half() -> None:
    assert held_out_gain(np.zeros((3, 3)), texts(3)) == pytest.approx(1.0 - np.log(2.0) / np.log(3.0))


def test_an_equal_text_is_as_good_an_answer() -> None:
    scores = np.asarray([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert held_out_gain(scores, np.asarray([7, 7, 8], np.uint64)) == 1.0
    assert held_out_gain(scores, texts(3)) < 1.0


@given(st.integers(2, 12), st.integers(0, 99))
def test_only_the_order_matters_and_a_better_own_item_gains(count: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(count, count))
    gain = held_out_gain(scores, texts(count))
    assert 0.0 <= gain <= 1.0
    assert held_out_gain(np.exp(scores), texts(count)) == pytest.approx(gain)
    assert held_out_gain(scores + np.eye(count), texts(count)) >= gain
