"""Caps: exact, also for several values and none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.caps import Cap, Room
from ranker.diversity import chosen_list

VALUES = st.lists(st.frozensets(st.integers(0, 4), max_size=3), max_size=12)
SINGLE = st.lists(st.frozensets(st.integers(0, 4), max_size=1), max_size=12)


def cap_of(values: list[frozenset[int]], limit: int) -> Cap:
    offsets = np.concatenate([[0], np.cumsum([len(own) for own in values], dtype=np.int64)])
    return Cap(limit, offsets, np.asarray([value for own in values for value in sorted(own)], dtype=np.int64))


def most(values: list[frozenset[int]], chosen: list[int]) -> int:
    """Return how many of the chosen share a value at most."""
    return max((sum(value in values[place] for place in chosen) for value in range(5)), default=0)


@given(VALUES, VALUES, st.integers(1, 3), st.integers(1, 3), st.integers(1, 12))
def test_exact_and_nothing_left_that_fits(
    one: list[frozenset[int]], two: list[frozenset[int]], first: int, second: int, length: int
) -> None:
    count = min(len(one), len(two))
    one, two = one[:count], two[:count]
    chosen = chosen_list(count, length, [cap_of(one, first), cap_of(two, second)]).tolist()
    assert len(set(chosen)) == len(chosen) <= length
    assert most(one, chosen) <= first
    assert most(two, chosen) <= second
    if len(chosen) < length:
        for place in set(range(count)) - set(chosen):
            assert most(one, [*chosen, place]) > first or most(two, [*chosen, place]) > second


@given(SINGLE, st.integers(1, 3), st.integers(1, 12))
def test_a_list_that_can_be_filled_is_filled(values: list[frozenset[int]], limit: int, length: int) -> None:
    free = sum(not own for own in values)
    possible = free + sum(min(limit, sum(value in own for own in values)) for value in range(5))
    assert len(chosen_list(len(values), length, [cap_of(values, limit)])) == min(length, possible)


def test_by_hand() -> None:
    values = [frozenset({0}), frozenset({0, 1}), frozenset({0}), frozenset[int](), frozenset({1})]
    assert chosen_list(5, 5, [cap_of(values, 1)]).tolist() == [0, 3, 4]
    assert chosen_list(5, 5, [cap_of(values, 2)]).tolist() == [0, 1, 3, 4]
    assert chosen_list(5, 2, [cap_of(values, 2)]).tolist() == [0, 1]


def test_refused() -> None:
    with pytest.raises(ValueError, match="limit is 0"):
        cap_of([], 0)
    with pytest.raises(ValueError, match="expected 3"):
        Room(3, [cap_of([frozenset({1})], 1)])
