import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedders.hubness import NEIGHBOURS, hubness
from embedders.spaces import unit


def rows(count: int, seed: int) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, 5)).astype(np.float32))


@given(st.integers(1, 150), st.integers(0, 50))
def test_against_a_loop(count: int, seed: int) -> None:
    items, references = rows(7, seed), rows(count, seed + 1)
    nearest = max(1, min(NEIGHBOURS, round(0.1 * count)))
    for item, found in zip(items, hubness(items, references), strict=True):
        cosines = sorted((float(item @ reference) for reference in references), reverse=True)
        assert found == pytest.approx(0.5 * sum(cosines[:nearest]) / nearest, abs=1e-6)


def test_the_middle_of_what_is_asked_is_a_hub() -> None:
    references = unit(rows(60, 1) + np.asarray([3.0, 0, 0, 0, 0], np.float32))
    middle, edge = hubness(np.asarray([[1.0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0]], np.float32), references)
    assert middle > edge + 0.2


def test_nothing_to_count_gives_zero() -> None:
    assert hubness(rows(3, 0), rows(0, 0)).tolist() == [0.0, 0.0, 0.0]
    assert hubness(rows(0, 0), rows(3, 0)).shape == (0,)
    assert hubness(np.zeros((1, 5), np.float32), rows(30, 1)).tolist() == [0.0]
