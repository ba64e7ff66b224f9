"""Intervals: coverage of the true mean, a slow reference, and what cannot be said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.evaluation import bootstrap
from plait.evaluation.bootstrap import intervals


def test_the_true_mean_is_covered_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    columns = {str(trial): rng.exponential(2.0, 120) for trial in range(300)}
    covered = [found["low"] <= 2.0 <= found["high"] for found in intervals(columns, seed=1).values()]
    assert 0.90 <= np.mean(covered) <= 0.98


def test_width_agrees_with_the_normal_approximation() -> None:
    values = np.random.default_rng(1).normal(5.0, 2.0, 2_000)
    found = intervals({"x": values})["x"]
    error = values.std() / np.sqrt(len(values))
    assert found["mean"] == pytest.approx(values.mean())
    assert found["low"] == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert found["high"] == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_beside_a_loop_over_drawn_users() -> None:
    values = np.random.default_rng(2).random(50)
    rng = np.random.default_rng(3)
    means = [values[rng.integers(0, 50, 50)].mean() for _ in range(4_000)]
    found = intervals({"x": values})["x"]
    assert found["low"] == pytest.approx(np.percentile(means, 2.5), abs=0.01)
    assert found["high"] == pytest.approx(np.percentile(means, 97.5), abs=0.01)


def test_nan_values_are_left_out() -> None:
    values = np.asarray([1.0, np.nan, 3.0, np.nan] * 20)
    found = intervals({"x": values})["x"]
    assert found["mean"] == 2.0
    assert 1.0 < found["low"] < 2.0 < found["high"] < 3.0


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_nothing_known_is_nan(values: list[float]) -> None:
    found = intervals({"x": np.asarray(values), "y": np.asarray(values)})
    assert list(found) == ["x", "y"]
    assert all(np.isnan(number) for number in found["y"].values())


def test_no_metrics_have_no_intervals() -> None:
    assert intervals({}) == {}


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30))
def test_the_interval_lies_within_the_values(values: list[float]) -> None:
    found = intervals({"x": np.asarray(values)})["x"]
    assert min(values) - 1e-9 <= found["low"] <= found["high"] <= max(values) + 1e-9


def test_the_same_seed_gives_the_same_interval_in_any_company() -> None:
    values = np.random.default_rng(0).random(40)
    alone = intervals({"x": values}, seed=4)
    together = intervals({"a": values**2, "x": values}, seed=4)
    assert alone["x"] == pytest.approx(together["x"])
    assert intervals({"x": values}, seed=5) != alone


def test_drawing_in_pieces_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).random(64)
    whole = intervals({"x": values})["x"]
    monkeypatch.setattr(bootstrap, "DRAWN_AT_ONCE", 1_000)
    pieces = intervals({"x": values})["x"]
    assert pieces == pytest.approx(whole)
