"""Rewards: by hand."""

import pytest

from plait.config import Events
from plait.event_weights import BUILT_IN, event_weight
from plait.rewards import reward


@pytest.mark.parametrize("event", BUILT_IN)
@pytest.mark.parametrize("value", [None, 0.0, 2.0, 5.0, 90.0])
def test_a_reward_is_the_weight_unless_said(event: str, value: float | None) -> None:
    config = Events(weights={"click": 0.7}, rewards={"refund": -2.0})
    assert reward(event, value, config) == event_weight(event, value, config)


@pytest.mark.parametrize(
    ("event", "value", "expected"),
    [
        ("purchase", 120.0, 10.0),
        ("view", None, 0.5),
        ("view", 30.0, 1.0),
        ("view", 1e9, 1.5),
        ("rating", 5.0, 4.0),
        ("rating", 2.0, -2.0),
        ("rating", None, 0.0),
        ("impression", None, -0.1),
        ("refund", None, -2.0),
    ],
)
def test_rewards_that_are_said(event: str, value: float | None, expected: float) -> None:
    said = {"purchase": 10.0, "view": 0.5, "rating": 4.0, "impression": -0.1, "refund": -2.0}
    assert reward(event, value, Events(weights={"view": 9.0, "rating": 9.0}, rewards=said)) == expected
