"""Places and rankings beside a slow sort, item by item."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from plait.evaluation.ranking import hits, places, ranked, seen
from plait.evaluation.salted import Ties, salted
from ranker.interactions import Histories

ITEMS = 7
TIES = salted(0, [f"item-{row}" for row in range(ITEMS)])

scores_of = hnp.arrays(
    np.float64, (4, ITEMS), elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 0.5000001, np.inf, np.nan])
)
masks = hnp.arrays(np.bool_, (4, ITEMS))


def _slow(scores: list[float], ties: Ties, left_out: list[bool]) -> list[int]:
    rows = [row for row in range(len(scores)) if not left_out[row]]
    return sorted(rows, key=lambda row: (-(-np.inf if np.isnan(scores[row]) else scores[row]), int(ties[row])))


@given(scores_of, masks, st.integers(1, ITEMS + 2))
def test_ranked_beside_the_slow_sort(scores: NDArray[np.float64], left_out: NDArray[np.bool_], limit: int) -> None:
    found = ranked(scores, TIES, limit, left_out=left_out)
    assert found.shape == (4, min(limit, ITEMS))
    for mine, row, out in zip(found.tolist(), scores.tolist(), left_out.tolist(), strict=True):
        expected = _slow(row, TIES, out)
        assert mine == (expected + [-1] * ITEMS)[: min(limit, ITEMS)]


@given(scores_of, masks, st.lists(st.integers(0, ITEMS - 1), min_size=4, max_size=4))
def test_places_beside_the_slow_sort(
    scores: NDArray[np.float64], left_out: NDArray[np.bool_], targets: list[int]
) -> None:
    left_out = left_out.copy()
    left_out[np.arange(4), targets] = False
    found = places(scores, TIES, np.asarray(targets), left_out=left_out).tolist()
    rows = zip(scores.tolist(), left_out.tolist(), targets, strict=True)
    assert found == [_slow(row, TIES, out).index(target) for row, out, target in rows]


@given(scores_of, st.permutations(range(ITEMS)))
def test_the_row_of_an_item_does_not_matter(scores: NDArray[np.float64], order: list[int]) -> None:
    targets = np.asarray([0, 1, 2, 3])
    moved = np.argsort(order)[targets]
    assert places(scores, TIES, targets).tolist() == places(scores[:, order], TIES[order], moved).tolist()
    first = np.asarray(order)[ranked(scores[:, order], TIES[order], 3)]
    assert first.tolist() == ranked(scores, TIES, 3).tolist()


def test_a_constant_model_is_at_chance() -> None:
    count = 200
    found = [
        places(np.zeros((1, count)), salted(salt, map(str, range(count))), np.asarray([0]))[0] for salt in range(400)
    ]
    assert 85 < np.mean(found) < 114


def test_cannot_say_is_last_but_ranked() -> None:
    scores = np.asarray([[np.nan, -5.0, np.nan]])
    assert places(scores, TIES[:3], np.asarray([1])).tolist() == [0]
    assert sorted(ranked(scores, TIES[:3], 3)[0, 1:].tolist()) == [0, 2]


def test_a_target_that_is_left_out_is_an_error() -> None:
    left_out = np.asarray([[True, False]])
    with pytest.raises(ValueError, match="left_out holds 1 targets"):
        places(np.zeros((1, 2)), TIES[:2], np.asarray([0]), left_out=left_out)


def test_seen_items_are_those_of_the_history() -> None:
    histories = Histories(
        np.asarray([0, 2, 2, 3]), np.asarray([1, 1, 0]), np.zeros(3), np.ones(3, dtype=np.float32), np.zeros(3)
    )
    assert seen(histories, 3).tolist() == [[False, True, False], [False] * 3, [True, False, False]]


def test_hits_are_where_the_target_stands() -> None:
    assert hits(np.asarray([0, 2, 5]), 3).tolist() == [[True, False, False], [False, False, True], [False] * 3]
