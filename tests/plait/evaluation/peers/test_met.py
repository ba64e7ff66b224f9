"""Met: the last event of each pair, beside a loop over dictionaries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.evaluation.peers.met import met, places
from ranker.interactions import Histories
from ranker.nearness import once

entries = st.lists(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([-1.0, 0.0, 1.0])), max_size=8), min_size=1, max_size=5
)


def histories_of(users: list[list[tuple[int, float]]]) -> Histories:
    flat = [entry for user in users for entry in user]
    return Histories(
        np.concatenate(([0], np.cumsum([len(user) for user in users]))).astype(np.int64),
        np.asarray([item for item, _ in flat], dtype=np.int64), np.arange(len(flat), dtype=np.float64),
        np.asarray([weight for _, weight in flat], dtype=np.float32), np.zeros(len(users)),
    )  # fmt: skip


@given(entries, st.booleans())
def test_once_beside_a_loop(users: list[list[tuple[int, float]]], liked: bool) -> None:
    found = once(histories_of(users), liked=liked)
    moment = 0.0
    for row, user in enumerate(users):
        last: dict[int, float] = {}
        for item, weight in user:
            if weight > 0 or not liked:
                last[item] = moment
            moment += 1.0
        wanted = sorted(last.items(), key=lambda pair: pair[1])
        mine = slice(found.offsets[row], found.offsets[row + 1])
        assert list(zip(found.items[mine].tolist(), found.times[mine].tolist(), strict=True)) == wanted


@given(entries)
def test_met_says_who_met_what(users: list[list[tuple[int, float]]]) -> None:
    dense = met(histories_of(users), 5).toarray()
    assert dense.tolist() == [[float(any(item == row for item, _ in user)) for row in range(5)] for user in users]


def test_places_count_what_is_newer() -> None:
    assert places(histories_of([[(0, 1.0), (1, 1.0), (2, 1.0)], [], [(4, 0.0)]])).tolist() == [2, 1, 0, 0]


def test_an_item_disliked_later_is_still_liked_once() -> None:
    found = once(histories_of([[(3, 1.0), (3, -1.0)]]), liked=True)
    assert found.items.tolist() == [3]
    assert found.weights == pytest.approx([1.0])
