"""Coverage and Gini: by hand, beside loops, over several salts, and with intervals over users."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from plait.evaluation.exposure import Slates, catalogue_measures, coverage, gini

counts_of = hnp.arrays(np.float64, (2, 7), elements=st.integers(0, 9).map(float))


def slates(items: list[list[int]], *, item_count: int = 4, users: list[int] | None = None) -> Slates:
    names = list(range(len(items))) if users is None else users
    return Slates(np.asarray(names), np.asarray(items), np.ones(item_count, dtype=np.bool_))


def test_by_hand() -> None:
    exposures = np.asarray([[1.0, 1, 1, 1], [4, 0, 0, 0], [0, 2, 0, 2], [0, 0, 0, 0]])
    assert coverage(exposures).tolist() == [1.0, 0.25, 0.5, 0.0]
    assert gini(exposures)[:3] == pytest.approx([0.0, 3 / 4, 1 / 2])
    assert np.isnan(gini(exposures)[3])
    assert np.isnan(coverage(np.zeros((1, 0)))).all()
    assert np.isnan(gini(np.zeros((1, 0)))).all()


@given(counts_of, st.permutations(range(7)))
@settings(deadline=None)
def test_gini_is_half_the_relative_mean_difference(counts: NDArray[np.float64], order: list[int]) -> None:
    found = gini(counts)
    for value, row in zip(found.tolist(), counts.tolist(), strict=True):
        if sum(row):
            differences = sum(abs(a - b) for a in row for b in row)
            assert value == pytest.approx(differences / (2 * len(row) * sum(row)), abs=1e-12)
            assert 0 <= value <= 6 / 7 + 1e-12
        else:
            assert np.isnan(value)
    np.testing.assert_allclose(gini(counts[:, order]), found, atol=1e-12)
    np.testing.assert_array_equal(coverage(counts[:, order]), coverage(counts))


def test_of_the_lists_of_a_salt() -> None:
    found = catalogue_measures([slates([[0, 1], [0, 2], [0, -1]])], (1, 2))
    assert list(found) == ["coverage@1", "gini@1", "coverage@2", "gini@2"]
    assert found["coverage@1"] == {"mean": 0.25, "low": 0.25, "high": 0.25}
    assert found["gini@1"]["mean"] == pytest.approx(3 / 4)
    assert found["coverage@2"]["mean"] == 0.75
    assert found["coverage@2"]["low"] < 0.75
    assert found["gini@2"]["mean"] == pytest.approx(gini(np.asarray([[3.0, 1, 1, 0]]))[0])


def test_what_cannot_be_shown_is_no_part_of_the_catalogue() -> None:
    eligible = np.asarray([False, True, True, False])
    found = catalogue_measures([Slates(np.asarray([5]), np.asarray([[2, -1]]), eligible)], (2,))
    assert found["coverage@2"]["mean"] == 0.5
    with pytest.raises(ValueError, match="not eligible"):
        catalogue_measures([Slates(np.asarray([5]), np.asarray([[0, 2]]), eligible)], (2,))


def test_salts_are_averaged_and_a_user_is_left_out_of_all_of_them() -> None:
    first = slates([[0, 1], [0, 1], [2, 3]], users=[7, 9, 4])
    second = slates([[3, 1], [2, 1]], users=[9, 4])
    found = catalogue_measures([first, second], (2,))
    assert found["coverage@2"]["mean"] == pytest.approx((1.0 + 0.75) / 2)
    slow = []
    for out in (4, 7, 9):
        seen = [
            {item for user, row in zip(each.users.tolist(), each.items.tolist(), strict=True) if user != out
             for item in row}
            for each in (first, second)
        ]  # fmt: skip
        slow.append(np.mean([len(items) / 4 for items in seen]))
    error = 1.96 * np.sqrt(2 / 3 * sum((value - np.mean(slow)) ** 2 for value in slow))
    assert found["coverage@2"]["low"] == pytest.approx(0.875 - error, abs=1e-4)
    assert found["coverage@2"]["high"] == pytest.approx(min(1.0, 0.875 + error), abs=1e-4)


def test_neither_the_rows_of_users_nor_of_items_matter() -> None:
    rng = np.random.default_rng(0)
    items = np.stack([rng.permutation(12)[:4] for _ in range(20)])
    plain = catalogue_measures([Slates(np.arange(20), items, np.ones(12, dtype=np.bool_))], (2, 4))
    order, rows = rng.permutation(20), rng.permutation(12)
    moved = Slates(np.arange(20)[order], rows[items[order]], np.ones(12, dtype=np.bool_))
    for name, interval in catalogue_measures([moved], (2, 4)).items():
        assert interval == pytest.approx(plain[name]), name
