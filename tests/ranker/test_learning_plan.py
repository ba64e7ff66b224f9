"""A plan survives being written down, repeats a training, and is refused where it says what it cannot mean."""

import json
import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from ranker import fit as fit_module
from ranker import lesson as lesson_module
from ranker.attention import Attention
from ranker.combination import KNOTS, PARTS, Combination
from ranker.fit import fit_ranker
from ranker.item_weights import ItemWeightSettings
from ranker.learning_clock import Clock
from ranker.learning_plan import Plan
from ranker.rank import RankerSettings
from tests.ranker.logs import checkerboard, parity_features, random_log
from tests.ranker.sequences import SMALL

MAPS = np.random.default_rng(0).normal(size=(2, 3, 2)).astype(np.float32)
KNOWN = Plan(
    ItemWeightSettings(5.0, 20.0, 2.0), 3, 2, "any", Attention(place_constant=8.0, query=MAPS[0], key=MAPS[1]),
    Combination(np.random.default_rng(1).random((len(KNOTS), len(PARTS))), -0.5),
)  # fmt: skip


def test_a_plan_is_read_as_it_was_written() -> None:
    said = json.dumps(KNOWN.to_json())
    again = Plan.from_json(json.loads(said))
    assert json.dumps(again.to_json()) == said
    np.testing.assert_array_equal(again.attention.query, MAPS[0])
    np.testing.assert_array_equal(again.combination.knots, KNOWN.combination.knots)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"epoch": 3}, "unknown keys: epoch"), ({"epochs": -1}, "epochs"), ({"epochs": 1.5}, "epochs"),
        ({"further": True}, "further"),
        ({"horizon": "soon"}, "horizon"), ({"knots": [[1.0]]}, "knots"), ({"knots": [[1.0], [1.0, 2.0]]}, "knots"),
        ({"bias": float("nan")}, "bias"),
        ({"item_weights": {"regularization": 0, "reach": 1, "time_constant": 1}}, "above 0"),
        ({"item_weights": {"regularization": 1}}, "item_weights lacks reach"), ({"attention": 4}, "attention"),
    ],
)  # fmt: skip
def test_an_impossible_plan_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Plan.from_json({**KNOWN.to_json(), **change})


def test_what_a_plan_lacks_is_named() -> None:
    said = KNOWN.to_json()
    del said["bias"]
    with pytest.raises(ValueError, match="lacks bias"):
        Plan.from_json(said)


def test_two_trainings_by_one_plan_are_the_same() -> None:
    vectors = np.random.default_rng(3).normal(size=(12, 4)).astype(np.float32)
    told = checkerboard(6, 12)
    first, again = (
        fit_ranker(told, vectors, parity_features(12), settings=RankerSettings(factors=4), plan=KNOWN) for _ in range(2)
    )
    assert first.plan.to_json() == again.plan.to_json() == KNOWN.to_json()
    assert first.ranker.sequence is not None
    np.testing.assert_array_equal(first.ranker.items.sequence, again.ranker.items.sequence)
    np.testing.assert_array_equal(first.ranker.items.factors, again.ranker.items.factors)
    assert not any("search" in step for step in first.seconds)


@pytest.mark.parametrize("goes_on", [0.0, 0.25])
def test_a_plan_repeats_the_training_that_made_it(goes_on: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sequence encoder too, which learns twice: without what is held out, and anew, or on, with everything."""
    how = replace(SMALL, most_epochs=6, patience=3, goes_on=goes_on)
    for module in (fit_module, lesson_module):
        monkeypatch.setattr(module, "usual_settings", lambda interactions: how)
    vectors = np.random.default_rng(3).normal(size=(12, 4)).astype(np.float32)
    learn = partial(
        fit_ranker, random_log(60, 12, 700), vectors, parity_features(12), settings=RankerSettings(factors=4), seed=5
    )
    found = learn()
    again = learn(plan=found.plan)
    assert again.plan.to_json() == found.plan.to_json()
    assert found.plan.further == how.further(found.plan.epochs) > 0
    assert ("sequence, without what is held out" in again.seconds) is (goes_on > 0)
    assert found.ranker.sequence is not None
    assert again.ranker.sequence is not None
    mine, other = found.ranker.sequence.to_arrays(), again.ranker.sequence.to_arrays()
    for name, array in mine.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)


def test_without_a_deadline_there_is_no_end() -> None:
    clock = Clock.until(None, lambda _: None)
    assert clock.share(0.5) is None
    assert clock.left() == float("inf")


def test_a_clock_shares_what_is_left_after_the_reserve() -> None:
    began = time.monotonic()
    until = Clock.until(began + 1_000.0, lambda _: None).share(0.5, reserve=200.0)
    assert until is not None
    assert until - began == pytest.approx(400.0, abs=5.0)
