"""Diversity: each method beside a slow one that follows its definition."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranker.diversity import (
    ALPHA,
    Calibration,
    MarginalRelevance,
    Objective,
    Volume,
    chosen_list,
    scaled,
    unit_vectors,
)  # fmt: skip

Values = NDArray[np.float64]
SEEDS = st.integers(0, 10_000)
STRENGTHS = st.sampled_from([0.1, 0.4, 0.8])


def candidates(seed: int, count: int = 8, width: int = 10) -> tuple[Values, NDArray[np.float32]]:
    """Return the relevance of random candidates, best first, and their unit vectors; the last is known by nothing."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, width)).astype(np.float32)
    vectors[-1] = 0.0
    return scaled(np.sort(rng.normal(size=count))[::-1]), unit_vectors(vectors)


def cosines(unit: NDArray[np.float32]) -> Values:
    alike = unit.astype(np.float64) @ unit.T.astype(np.float64)
    np.fill_diagonal(alike, 1.0)
    return alike


def slow_greedy(count: int, length: int, value: Callable[[list[int]], float]) -> list[int]:
    """Return the list in which each next item makes the value of the whole the largest."""
    chosen: list[int] = []
    while len(chosen) < length:
        rest = [place for place in range(count) if place not in chosen]
        chosen.append(max(rest, key=lambda place: value([*chosen, place])))
    return chosen


@given(SEEDS, STRENGTHS)
def test_volume_is_greedy_by_determinants(seed: int, diversity: float) -> None:
    relevance, unit = candidates(seed)
    quality = np.exp((1.0 - diversity) / (2.0 * diversity) * relevance)
    kernel = quality[:, None] * cosines(unit) * quality
    slow = slow_greedy(8, 6, lambda chosen: float(np.linalg.det(kernel[np.ix_(chosen, chosen)])))
    assert chosen_list(8, 6, objective=Volume(relevance, unit, diversity)).tolist() == slow


@given(SEEDS, STRENGTHS)
def test_marginal_relevance_by_its_definition(seed: int, diversity: float) -> None:
    relevance, unit = candidates(seed)
    alike = cosines(unit)
    slow: list[int] = []
    while len(slow) < 6:
        worth = {
            place: (1 - diversity) * relevance[place]
            - diversity * max((alike[place, other] for other in slow), default=0)
            for place in range(8)
            if place not in slow
        }
        slow.append(max(worth, key=lambda place: worth[place]))
    assert chosen_list(8, 6, objective=MarginalRelevance(relevance, unit, diversity)).tolist() == slow


@given(SEEDS, STRENGTHS)
def test_calibration_by_its_definition(seed: int, diversity: float) -> None:
    rng = np.random.default_rng(seed)
    relevance = candidates(seed)[0]
    owned = rng.random((8, 4)) < 0.5
    shares = owned / np.maximum(owned.sum(axis=1, keepdims=True), 1)
    liked = rng.dirichlet(np.ones(4))
    liked[0] = 0.0
    liked /= liked.sum()

    def value(chosen: list[int]) -> float:
        mass = sum((shares[place] for place in chosen), np.zeros(4))
        listed = mass / mass.sum() if mass.sum() else mass
        divergence = sum(p * np.log(p / ((1 - ALPHA) * q + ALPHA * p)) for p, q in zip(liked, listed, strict=True) if p)
        return float((1 - diversity) * relevance[chosen].sum() - diversity * divergence)

    assert chosen_list(8, 6, objective=Calibration(relevance, shares, liked, diversity)).tolist() == slow_greedy(
        8, 6, value
    )


def every_method(seed: int, diversity: float) -> list[Objective]:
    relevance, unit = candidates(seed)
    shares = np.eye(3)[np.arange(8) % 3]
    return [
        MarginalRelevance(relevance, unit, diversity),
        Volume(relevance, unit, diversity),
        Calibration(relevance, shares, np.full(3, 1 / 3), diversity),
    ]


@given(SEEDS)
def test_without_diversity_the_order_stays(seed: int) -> None:
    for objective in every_method(seed, 0.0):
        assert chosen_list(8, 8, objective=objective).tolist() == list(range(8))


@given(SEEDS, STRENGTHS, st.integers(0, 12))
def test_a_shorter_list_begins_a_longer_one_and_no_item_comes_twice(seed: int, diversity: float, length: int) -> None:
    for short, long in zip(every_method(seed, diversity), every_method(seed, diversity), strict=True):
        whole = chosen_list(11, 20, objective=long).tolist()
        assert sorted(whole) == list(range(11))
        assert whole[8:] == [8, 9, 10]
        assert chosen_list(11, length, objective=short).tolist() == whole[:length]


def test_duplicates_come_last_of_equals() -> None:
    unit = np.asarray([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    relevance = np.asarray([1.0, 0.9, 0.0])
    for objective in (Volume(relevance, unit, 0.7), MarginalRelevance(relevance, unit, 0.7)):
        assert chosen_list(3, 3, objective=objective).tolist() == [0, 2, 1]
    for objective in (Volume(relevance, unit, 0.01), MarginalRelevance(relevance, unit, 0.01)):
        assert chosen_list(3, 3, objective=objective).tolist()[0] == 0


def test_more_items_than_dimensions_still_fill_the_list() -> None:
    relevance, unit = candidates(3, count=20, width=2)
    chosen = chosen_list(20, 20, objective=Volume(relevance, unit, 1.0)).tolist()
    assert sorted(chosen) == list(range(20))


def test_calibration_by_hand() -> None:
    shares = np.asarray([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    relevance = np.asarray([1.0, 0.9, 0.8, 0.1, 0.0])
    chosen = chosen_list(5, 4, objective=Calibration(relevance, shares, np.asarray([0.75, 0.25]), 0.9))
    assert chosen.tolist()[:2] == [0, 3]
    unknown = chosen_list(5, 5, objective=Calibration(relevance, shares, np.zeros(2), 0.9))
    assert unknown.tolist() == [0, 1, 2, 3, 4]


def test_scaled() -> None:
    assert scaled(np.asarray([3.0, 1.0, 2.0])).tolist() == [1.0, 0.0, 0.5]
    assert scaled(np.asarray([2.0, 2.0])).tolist() == [0.0, 0.0]
    assert scaled(np.empty(0)).shape == (0,)
    assert unit_vectors(np.asarray([[3, 4], [0, 0]], dtype=np.float32)) == pytest.approx(
        np.asarray([[0.6, 0.8], [0, 0]])
    )
