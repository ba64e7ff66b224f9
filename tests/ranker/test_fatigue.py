"""Fatigue by hand, and beside a loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.fatigue import REST, fatigue


def test_by_hand() -> None:
    items, ages = np.array([4, 2, 4, 4, 7]), np.array([0.0, 5.0, 9.0, 10.0, -1.0])
    shown, part = fatigue(items, ages, impressions=2, days=10, lowers=0.5)
    assert shown.tolist() == [2, 4]
    assert part == pytest.approx([-0.25, -0.5 * (1.0 + 0.1) - REST])


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-2, 12)), max_size=30), st.integers(1, 6))
def test_as_a_loop_says(showings: list[tuple[int, float]], impressions: int) -> None:
    items = np.array([item for item, _ in showings], dtype=np.int64)
    ages = np.array([age for _, age in showings], dtype=np.float64)
    shown, part = fatigue(items, ages, impressions=impressions, days=10, lowers=0.3)
    found = dict(zip(shown.tolist(), part.tolist(), strict=True))
    for item in range(5):
        mine = [age for other, age in showings if other == item and 0 <= age < 10]
        expected = -sum(0.3 * (1 - age / 10) for age in mine) - (REST if len(mine) >= impressions else 0)
        assert found.get(item, 0.0) == pytest.approx(expected)


def test_what_takes_nothing_off_is_not_tired() -> None:
    shown, _ = fatigue(np.array([1, 2, 2]), np.zeros(3), impressions=2, days=1, lowers=0)
    assert shown.tolist() == [2]
