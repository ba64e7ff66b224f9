"""Paired differences: against the best other model, for the same users."""

import numpy as np
import pytest

from plait.evaluation.differences import differences


def test_each_is_paired_with_the_best_other() -> None:
    worst, middle, best = np.full(30, 0.1), np.full(30, 0.2), np.full(30, 0.5)
    models = {"a": {"m": middle, "n": worst}, "b": {"m": best, "n": worst}, "c": {"m": worst, "n": best}}
    found = differences(models, "m")
    assert list(found) == ["a - b", "b - a", "c - b"]
    assert found["a - b"]["m"]["mean"] == pytest.approx(-0.3)
    assert found["b - a"]["m"]["high"] == pytest.approx(0.3)
    assert found["c - b"]["n"]["low"] == pytest.approx(0.4)


def test_pairing_sees_what_two_intervals_hide() -> None:
    rng = np.random.default_rng(0)
    hard = rng.random(200)
    found = differences({"a": {"m": hard + 0.01 + 0.001 * rng.normal(size=200)}, "b": {"m": hard}}, "m")["a - b"]["m"]
    assert 0.009 < found["low"] < found["high"] < 0.011


def test_one_model_has_nothing_to_be_paired_with() -> None:
    assert differences({"a": {"m": np.ones(3)}}, "m") == {}
