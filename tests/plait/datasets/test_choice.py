"""The formulas of choice, beside loops and values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.datasets.choice import DAY, START, chance_of_liking, liking, seasoned
from plait.datasets.strengths import IN_SEASON, INDIFFERENT, LIKED, OUT_OF_SEASON, SEASON, TASTE


@settings(deadline=None, max_examples=30)
@given(people=st.integers(1, 5), items=st.integers(1, 7), seed=st.integers(0, 999))
def test_liking_is_what_the_loop_says(people: int, items: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tastes, leanings = rng.dirichlet(np.ones(4), people), rng.normal(size=(people, 2))
    families, traits = rng.integers(0, 4, items), rng.normal(size=(items, 2))
    fast = liking(tastes, leanings, families, traits)
    for user in range(people):
        for item in range(items):
            lean = leanings[user, 0] * traits[item, 0] + leanings[user, 1] * traits[item, 1]
            assert fast[user, item] == pytest.approx(tastes[user, families[item]] * math.exp(lean))


def test_liking_by_hand() -> None:
    cares = liking(np.array([[0.25, 0.75]]), np.array([[1.0, 0.0]]), np.array([0, 1]), np.array([[0.0, 9.0], [1.0, 0]]))
    assert cares == pytest.approx(np.array([[0.25, 0.75 * math.e]]))


@pytest.mark.parametrize(
    ("day", "factor"),
    [(0, OUT_OF_SEASON), (SEASON[0] - 1 / DAY, OUT_OF_SEASON), (SEASON[0], IN_SEASON), (SEASON[1], OUT_OF_SEASON)],
)
def test_only_seasonal_items_have_a_season(day: float, factor: float) -> None:
    popularity = np.array([0.5, 0.3, 0.2])
    chances = seasoned(popularity, np.array([1]), round(START + day * DAY))
    assert chances == pytest.approx([0.5, 0.3 * factor, 0.2])
    assert popularity.tolist() == [0.5, 0.3, 0.2], "the popularity given was changed"


def test_chances_by_hand() -> None:
    chances = chance_of_liking(np.array([0.5, 0.5]), np.array([3.0, 1.0]))
    indifferent = (1 - TASTE) * LIKED * INDIFFERENT / 2
    assert chances == pytest.approx([TASTE * LIKED * 0.75 + indifferent, TASTE * LIKED * 0.25 + indifferent])


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)), min_size=1, max_size=8), st.floats(0.1, 10))
def test_chances_sum_to_the_chance_of_a_liking_at_any_scale(pairs: list[tuple[float, float]], scale: float) -> None:
    popularity, cares = np.array(pairs).T
    chances = chance_of_liking(popularity, cares)
    assert chances.sum() == pytest.approx(TASTE * LIKED + (1 - TASTE) * LIKED * INDIFFERENT)
    assert chance_of_liking(scale * popularity, scale * cares) == pytest.approx(chances)
