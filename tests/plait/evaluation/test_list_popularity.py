"""Novelty, popularity lift and serendipity: by hand and beside slow loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from plait.evaluation.list_popularity import novelty, popularity_lift, serendipity
from ranker.metrics import precision

ITEMS, USERS, CUT = 9, 4, 5
MET_BY = np.asarray([16, 8, 4, 2, 1, 0, 16, 5, 3])

slates_of = hnp.arrays(np.int64, (USERS, CUT), elements=st.integers(-1, ITEMS - 1))
lists_of = st.lists(st.permutations(range(ITEMS)).map(lambda rows: rows[:CUT]), min_size=USERS, max_size=USERS)
masks = hnp.arrays(np.bool_, (USERS, ITEMS))
hits_of = hnp.arrays(np.bool_, (USERS, CUT))


def test_novelty_by_hand() -> None:
    slates = np.asarray([[0, 1, 2], [4, 5, -1], [-1, -1, -1]])
    found = novelty(slates, MET_BY, 16)
    # Shares 1, 1/2, 1/4: 0, 1 and 2 bits; one user of 16, and nobody counted as one: 4 bits.
    assert found[:2].tolist() == [1.0, 4.0]
    assert np.isnan(found[2])
    assert np.isnan(novelty(slates, np.zeros_like(MET_BY), 0)).all()


def test_popularity_lift_by_hand() -> None:
    met = np.zeros((4, ITEMS), dtype=np.bool_)
    met[0, [1, 2]] = True  # mean 6
    met[1, [0, 6]] = True  # mean 16
    met[2, 5] = True  # nobody else
    found = popularity_lift(np.asarray([[0, 1, -1], [0, 6, -1], [0, 1, 2], [0, 1, 2]]), met, MET_BY)
    assert found[:2].tolist() == [(12 - 6) / 6, 0.0]
    assert np.isnan(found[2:]).all()
    assert np.isnan(popularity_lift(np.full((4, 3), -1), met, MET_BY)).all()


def test_serendipity_by_hand() -> None:
    slates = np.asarray([[3, 1, 4], [3, 1, 4], [3, -1, -1], [3, 1, 4]])
    hits = np.asarray([[1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=np.bool_)
    expected = np.asarray([[0, 1, 2], [3, 0, 1], [0, 1, 2], [0, 1, 2]])
    found = serendipity(slates, hits, np.asarray([2, 1, 1, 0]), expected)
    # Item 1 was relevant and expected; item 3 was all there was, and expected; a short list is a bad one.
    assert found[:3] == pytest.approx([1 / 3, 0.0, 1 / 3])
    assert np.isnan(found[3])
    # Only two items were left to show, of a cut of 3.
    assert serendipity(slates[:1, :2], hits[:1, :2], np.asarray([2]), expected[:1]) == pytest.approx([1 / 3])


def _shown(row: list[int]) -> list[int]:
    return [item for item in row if item >= 0]


@given(slates_of, masks)
@settings(deadline=None)
def test_beside_loops(slates: NDArray[np.int64], met: NDArray[np.bool_]) -> None:
    novel, lift = novelty(slates, MET_BY, 20).tolist(), popularity_lift(slates, met, MET_BY).tolist()
    for place, row in enumerate(slates.tolist()):
        shown = _shown(row)
        own = [int(MET_BY[item]) for item in range(ITEMS) if met[place, item]]
        if shown:
            assert novel[place] == pytest.approx(
                sum(-math.log2(max(int(MET_BY[item]), 1) / 20) for item in shown) / len(shown), abs=1e-12
            )
            assert 0 <= novel[place] <= math.log2(20)
        else:
            assert math.isnan(novel[place])
        if shown and sum(own):
            mean = sum(own) / len(own)
            expected = (sum(int(MET_BY[item]) for item in shown) / len(shown) - mean) / mean
            assert lift[place] == pytest.approx(expected, abs=1e-12)
            assert lift[place] >= -1
        else:
            assert math.isnan(lift[place])


@given(lists_of, lists_of, hits_of)
@settings(deadline=None)
def test_serendipity_is_the_precision_of_what_was_not_expected(
    lists: list[list[int]], guesses: list[list[int]], hits: NDArray[np.bool_]
) -> None:
    relevant = hits.sum(axis=1) + 1
    found = serendipity(np.asarray(lists), hits, relevant, np.asarray(guesses))
    surprising = np.asarray(
        [
            [bool(is_hit) and item not in guess for item, is_hit in zip(row, own, strict=True)]
            for row, own, guess in zip(lists, hits.tolist(), guesses, strict=True)
        ]
    )
    np.testing.assert_allclose(found, precision(surprising, relevant, CUT), rtol=0, atol=1e-12)
    assert (found <= precision(hits, relevant, CUT) + 1e-12).all()


@given(slates_of, masks, st.permutations(range(CUT)), st.permutations(range(ITEMS)))
@settings(deadline=None)
def test_neither_the_order_of_the_list_nor_the_rows_matter(
    slates: NDArray[np.int64], met: NDArray[np.bool_], order: list[int], rows: list[int]
) -> None:
    place = np.append(np.argsort(rows), -1)
    moved, mine = place[slates[:, order]], np.asarray(rows)
    np.testing.assert_allclose(novelty(moved, MET_BY[mine], 20), novelty(slates, MET_BY, 20), atol=1e-12)
    np.testing.assert_allclose(
        popularity_lift(moved, met[:, mine], MET_BY[mine]), popularity_lift(slates, met, MET_BY), atol=1e-12
    )
