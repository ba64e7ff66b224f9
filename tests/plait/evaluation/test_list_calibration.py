"""Miscalibration of categories: by hand, beside a loop, and as SciPy has the divergence."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.stats import entropy

from plait.evaluation.list_calibration import miscalibration
from tests.plait.evaluation.test_list_variety import matrix

NAMES = [("a",), ("a", "b"), ("b",), (), ("c",), ("a", "b", "c")]
ITEMS, CUT = len(NAMES), 4

slates_of = hnp.arrays(np.int64, (3, CUT), elements=st.integers(-1, ITEMS - 1))
masks = hnp.arrays(np.bool_, (3, ITEMS))


def met(*rows: list[int]) -> NDArray[np.bool_]:
    found = np.zeros((len(rows), ITEMS), dtype=np.bool_)
    for place, row in enumerate(rows):
        found[place, row] = True
    return found


def test_by_hand() -> None:
    histories = met([0, 2], [0, 2], [0, 1], [0])
    slates = np.asarray([[0, 2, -1], [0, 0, 3], [4, 4, -1], [1, -1, -1]])
    found = miscalibration(slates, histories, matrix(NAMES))
    assert found[0] == pytest.approx(0.0)
    # Half a, half b, and the list is all a: q~ is .99 + .005 of a, .005 of b.
    assert found[1] == pytest.approx(0.5 * math.log(0.5 / 0.995) + 0.5 * math.log(0.5 / 0.005))
    assert found[2] == pytest.approx(-math.log(0.01))  # Nothing in common.
    assert found[3] == pytest.approx(math.log(1 / (0.99 * 0.5 + 0.01)))


def test_cannot_be_said_without_categories() -> None:
    found = miscalibration(np.asarray([[0, 1], [3, -1], [-1, -1]]), met([3], [0], [0]), matrix(NAMES))
    assert np.isnan(found).all()
    assert np.isnan(miscalibration(np.asarray([[0]]), met([]), matrix(NAMES))).all()


def _shares(items: list[int]) -> dict[str, float]:
    masses: dict[str, float] = {}
    told = [NAMES[item] for item in items if NAMES[item]]
    for own in told:
        for name in own:
            masses[name] = masses.get(name, 0.0) + 1 / len(own) / len(told)
    return masses


@given(slates_of, masks)
@settings(deadline=None)
def test_beside_a_loop_and_scipy(slates: NDArray[np.int64], histories: NDArray[np.bool_]) -> None:
    found = miscalibration(slates, histories, matrix(NAMES)).tolist()
    for value, row, own in zip(found, slates.tolist(), histories.tolist(), strict=True):
        p = _shares([item for item in range(ITEMS) if own[item]])
        q = _shares([item for item in row if item >= 0])
        if not p or not q:
            assert math.isnan(value)
            continue
        mixed = {name: 0.99 * q.get(name, 0.0) + 0.01 * p.get(name, 0.0) for name in "abc"}
        slow = sum(share * math.log(share / mixed[name]) for name, share in p.items())
        assert value == pytest.approx(slow, abs=1e-9)
        theirs = entropy([p.get(name, 0.0) for name in "abc"], [mixed[name] for name in "abc"])
        assert value == pytest.approx(float(theirs), abs=1e-9)
        assert -1e-12 <= value <= -math.log(0.01) + 1e-12


@given(slates_of, masks, st.permutations(range(CUT)), st.permutations(range(ITEMS)))
@settings(deadline=None)
def test_neither_the_order_of_the_list_nor_the_rows_matter(
    slates: NDArray[np.int64], histories: NDArray[np.bool_], order: list[int], rows: list[int]
) -> None:
    moved = np.append(np.argsort(rows), -1)[slates[:, order]]
    found = miscalibration(moved, histories[:, rows], matrix([NAMES[row] for row in rows]))
    np.testing.assert_allclose(found, miscalibration(slates, histories, matrix(NAMES)), atol=1e-9)
