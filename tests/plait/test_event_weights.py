"""Event weights: signs say for or against, ratings by their value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.config import Events
from plait.event_weights import BUILT_IN, MOST_OF_A_RATING, event_types, event_weight, is_positive

DEFAULT = Events()
NAMED = [
    "impression",
    "view",
    "click",
    "like",
    "save",
    "cart",
    "purchase",
    "share",
    "skip",
    "dislike",
    "hide",
    "search",
    "rating",
]


def test_every_event_type_of_the_contract_is_built_in() -> None:
    assert sorted(BUILT_IN) == sorted(NAMED)
    assert event_types(Events(weights={"listen": 0.5})) == {*NAMED, "listen"}


@pytest.mark.parametrize("event", ["skip", "dislike", "hide"])
def test_against(event: str) -> None:
    assert event_weight(event, None, DEFAULT) < 0
    assert not is_positive(event, None, DEFAULT)


@pytest.mark.parametrize("event", ["view", "click", "like", "save", "cart", "purchase", "share"])
def test_for(event: str) -> None:
    assert event_weight(event, None, DEFAULT) > 0
    assert is_positive(event, None, DEFAULT)


@pytest.mark.parametrize("event", ["impression", "search"])
def test_neither(event: str) -> None:
    assert event_weight(event, None, DEFAULT) == 0
    assert not is_positive(event, None, DEFAULT)


def test_ratings_from_one_to_five() -> None:
    assert [event_weight("rating", value, DEFAULT) for value in (1.0, 2.0, 3.0, 4.0, 5.0)] == [
        -1.0,
        -0.5,
        0.0,
        0.5,
        1.0,
    ]
    assert [is_positive("rating", value, DEFAULT) for value in (1.0, 3.0, 3.9, 4.0, 5.0)] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert event_weight("rating", None, DEFAULT) == 0
    assert not is_positive("rating", None, DEFAULT)


def test_another_scale_of_ratings() -> None:
    ten = Events(rating_neutral=5.5, rating_scale=0.2, rating_positive=8.0)
    assert event_weight("rating", 10.0, ten) == pytest.approx(0.9)
    assert event_weight("rating", 1.0, ten) == pytest.approx(-0.9)
    assert is_positive("rating", 8.0, ten)
    assert not is_positive("rating", 7.0, ten)


def test_dwell_makes_a_view_count_more_but_not_without_end() -> None:
    weights = [event_weight("view", value, DEFAULT) for value in (None, 0.0, 30.0, 60.0, 1e9, -5.0)]
    assert weights == pytest.approx([0.2, 0.2, 0.4, 0.6, 0.6, 0.2])


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_dwelling_longer_never_counts_less(one: float, other: float) -> None:
    shorter, longer = sorted((one, other))
    assert event_weight("view", shorter, DEFAULT) <= event_weight("view", longer, DEFAULT)


def test_own_weights() -> None:
    own = Events(weights={"listen": 0.7, "refund": -1.0, "click": 0.1, "view": 0.0, "rating": 0.3})
    assert event_weight("listen", None, own) == 0.7
    assert is_positive("listen", None, own)
    assert event_weight("refund", 3.0, own) == -1.0
    assert event_weight("click", None, own) == 0.1
    assert not is_positive("view", 100.0, own)
    assert event_weight("rating", 1.0, own) == 0.3
    assert event_weight("like", None, own) == BUILT_IN["like"]


@given(st.floats(-1e308, 1e308))
def test_a_rating_off_the_scale_says_no_more_than_the_most(value: float) -> None:
    weight = event_weight("rating", value, DEFAULT)
    assert abs(weight) <= MOST_OF_A_RATING
    assert weight == (value - 3.0) / 2 or abs(weight) == MOST_OF_A_RATING
