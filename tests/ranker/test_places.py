"""Quotas and pins, beside an obvious reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.caps import Cap
from ranker.diversity import chosen_list
from ranker.places import Quota, with_pins

Masks = st.lists(st.booleans(), max_size=12).map(lambda flags: np.asarray(flags, dtype=np.bool_))


def test_by_hand() -> None:
    wanted = np.array([False, False, False, False, True, True])
    # Two of the first four: the last two of the four places are kept.
    assert chosen_list(6, 6, quota=Quota(wanted, 2, 4)).tolist() == [0, 1, 4, 5, 2, 3]
    assert chosen_list(6, 3, quota=Quota(wanted, 2, 4)).tolist() == [0, 1, 4]
    # It gives way where there are too few.
    assert chosen_list(6, 6, quota=Quota(wanted, 3, 3)).tolist() == [4, 5, 0, 1, 2, 3]
    # And to a cap: the two wanted ones share a value.
    cap = Cap(1, np.array([0, 0, 0, 0, 0, 1, 2]), np.array([7, 7]))
    assert chosen_list(6, 6, [cap], quota=Quota(wanted, 2, 4)).tolist() == [0, 1, 4, 2, 3]


def test_what_is_pinned_counts_for_caps_and_is_not_in_the_list() -> None:
    cap = Cap(1, np.array([0, 1, 2, 3]), np.array([7, 8, 7]))
    assert chosen_list(3, 3, [cap], pinned=[2]).tolist() == [1]


@given(Masks, st.integers(0, 6), st.integers(1, 8), st.integers(0, 14))
def test_a_quota_is_met_and_moves_as_little_as_it_can(wanted: np.ndarray, items: int, of: int, length: int) -> None:
    items = min(items, of)
    whole = chosen_list(len(wanted), len(wanted), quota=Quota(wanted, items, of)).tolist()
    assert chosen_list(len(wanted), length, quota=Quota(wanted, items, of)).tolist() == whole[:length]
    assert sorted(whole) == list(range(len(wanted)))
    if len(wanted) >= of:
        assert wanted[whole[:of]].sum() >= min(items, wanted.sum())
    # The wanted keep their order, the others theirs, and nothing changes where the ranking has enough of them.
    for kind in (True, False):
        mine = [place for place in whole if wanted[place] == kind]
        assert mine == sorted(mine)
    if wanted[:of].sum() >= items:
        assert whole == list(range(len(wanted)))


@given(st.integers(0, 8), st.dictionaries(st.integers(0, 12), st.integers(), max_size=4), st.integers(0, 14))
def test_pins_stand_where_they_should(count: int, drawn: dict[int, int], length: int) -> None:
    pins = {place: 100 + number for number, place in enumerate(drawn)}
    whole = with_pins(np.arange(count), pins, 99).tolist()
    assert with_pins(np.arange(count), pins, length).tolist() == whole[:length]
    assert [item for item in whole if item < 100] == list(range(count))
    assert sorted(item for item in whole if item >= 100) == sorted(pins.values())
    for place, item in pins.items():
        if place < len(whole):
            assert whole[place] == item


@given(Masks, st.integers(0, 3), st.integers(3, 6), st.dictionaries(st.integers(0, 7), st.integers(0, 11), max_size=3))
def test_a_quota_beside_pins_is_met_in_the_whole(wanted: np.ndarray, items: int, of: int, at: dict[int, int]) -> None:
    if len(wanted) < 12 or len(set(at.values())) < len(at):
        return
    quota = Quota(wanted, items, of).beside(at)
    order = chosen_list(12, 12, quota=quota, pinned=list(at.values()))
    whole = with_pins(order, at, 12)
    others = of - sum(not wanted[candidate] for place, candidate in at.items() if place < of)
    later = sum(wanted[candidate] for place, candidate in at.items() if place >= of)
    assert wanted[whole[:of]].sum() >= min(items, others, wanted.sum() - later)


@pytest.mark.parametrize(("pins", "expected"), [({1: 9}, [0, 9, 1]), ({5: 9, 3: 8}, [0, 1, 9, 8]), ({7: 9}, [0, 1, 9])])
def test_a_list_too_short_for_its_pins(pins: dict[int, int], expected: list[int]) -> None:
    assert with_pins(np.arange(2), pins, 10).tolist() == expected
