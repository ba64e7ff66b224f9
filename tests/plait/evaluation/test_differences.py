"""Paired differences: against the best other model, for the same users."""

import numpy as np
import pytest

from plait.evaluation.differences import differences
from plait.evaluation.observations import Observations, Values


def _once(**models: Values) -> dict[str, list[Observations]]:
    """Return models of one split each."""
    return {
        name: [Observations(np.arange(len(next(iter(values.values())))), values)] for name, values in models.items()
    }


def test_each_is_paired_with_the_best_other() -> None:
    worst, middle, best = np.full(30, 0.1), np.full(30, 0.2), np.full(30, 0.5)
    models = _once(a={"m": middle, "n": worst}, b={"m": best, "n": worst}, c={"m": worst, "n": best})
    found = differences(models, "m")
    assert list(found) == ["a - b", "b - a", "c - b"]
    assert found["a - b"]["m"]["mean"] == pytest.approx(-0.3)
    assert found["b - a"]["m"]["high"] == pytest.approx(0.3)
    assert found["c - b"]["n"]["low"] == pytest.approx(0.4)


def test_pairing_sees_what_two_intervals_hide() -> None:
    rng = np.random.default_rng(0)
    hard = rng.random(200)
    models = _once(a={"m": hard + 0.01 + 0.001 * rng.normal(size=200)}, b={"m": hard})
    found = differences(models, "m")["a - b"]["m"]
    assert 0.009 < found["low"] < found["high"] < 0.011


def test_the_best_other_is_chosen_on_the_salts_that_all_have() -> None:
    users, ones = np.arange(4), np.ones(4)
    # On the first salt b is better than c; the second is easy, and b was not judged on it.
    models = {
        "a": [Observations(users, {"m": ones * value}) for value in (0.1, 0.1)],
        "b": [Observations(users, {"m": ones * 0.4})],
        "c": [Observations(users, {"m": ones * value}) for value in (0.3, 0.9)],
    }
    found = differences(models, "m")
    assert list(found) == ["a - b", "b - c", "c - b"]
    assert found["a - b"]["m"]["mean"] == pytest.approx(-0.3)
    # An ablation on fewer salts shortens nobody's record.
    less = {**models, "less": models["c"][:1]}
    del less["b"]
    assert list(differences(less, "m", against={"less": "c"})) == ["a - c", "c - a", "less - c"]


def test_one_model_has_nothing_to_be_paired_with() -> None:
    assert differences(_once(a={"m": np.ones(3)}), "m") == {}


def test_a_model_with_fewer_salts_is_compared_on_those_that_both_have() -> None:
    ones, users = np.ones(4), np.arange(4)
    often = [Observations(users, {"m": ones * value}) for value in (0.5, 0.5, 9.0)]
    once = [Observations(users, {"m": ones * 0.2})]
    found = differences({"often": often, "once": once}, "m")
    assert found["once - often"]["m"]["mean"] == pytest.approx(-0.3)
    assert found["often - once"]["m"]["mean"] == pytest.approx(0.3)
