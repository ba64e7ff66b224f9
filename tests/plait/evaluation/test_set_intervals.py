"""Intervals of statistics that are no means: beside a loop, beside the means' own, and what they cover."""

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from plait.evaluation import bootstrap
from plait.evaluation import set_intervals as set_intervals_module
from plait.evaluation.bootstrap import RESAMPLES, drawn_users, intervals
from plait.evaluation.exposure import coverage
from plait.evaluation.set_intervals import Statistic, Times, jackknife_intervals, set_intervals


def mean_of(values: NDArray[np.float64]) -> Statistic:
    def statistic(times: Times) -> NDArray[np.float64]:
        return np.asarray(times @ values / times.sum(axis=1), dtype=np.float64)

    return statistic


def test_a_mean_has_the_interval_of_a_mean() -> None:
    values = np.random.default_rng(0).exponential(2.0, 300)
    plain, found = intervals({"x": values}, seed=3)["x"], set_intervals({"x": mean_of(values)}, 300, seed=3)["x"]
    assert found["mean"] == pytest.approx(plain["mean"])
    # Moved by the little that the mean of the draws is off.
    assert found["high"] - found["low"] == pytest.approx(plain["high"] - plain["low"])
    assert found["low"] == pytest.approx(plain["low"], abs=0.02)


def test_every_draw_is_of_as_many_users_and_all_are_made() -> None:
    drawn = np.concatenate(list(drawn_users(7, seed=0)))
    assert drawn.shape == (RESAMPLES, 7)
    assert set(drawn.sum(axis=1)) == {7.0}


def test_drawing_in_pieces_draws_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(drawn_users(7, seed=0)))
    pieces = list(drawn_users(7, seed=0, numbers=bootstrap.DRAWN_AT_ONCE // 100))
    assert len(pieces) == RESAMPLES // 100
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_the_truth_of_a_coverage_is_held_as_often_as_promised() -> None:
    # Every user of an endless crowd is shown 3 of 60 items, some far more often than others: what do 40 users see?
    rng = np.random.default_rng(0)
    odds = 1 / np.arange(1, 61)

    def crowd() -> NDArray[np.float64]:
        chosen = np.argsort(rng.gumbel(size=(40, 60)) + np.log(odds), axis=1)[:, -3:]
        shown = np.zeros((40, 60))
        np.put_along_axis(shown, chosen, 1.0, axis=1)
        return shown

    truth = np.mean([coverage(crowd().sum(axis=0, keepdims=True))[0] for _ in range(1_000)])
    held, widths = [], []
    for _ in range(200):
        shown = crowd()
        found = jackknife_intervals({"coverage": partial(_coverage, shown)}, 40)["coverage"]
        held.append(found["low"] <= truth <= found["high"])
        widths.append(found["high"] - found["low"])
    assert np.mean(held) >= 0.93
    assert np.mean(widths) < 0.3


def _coverage(shown: NDArray[np.float64], times: Times) -> NDArray[np.float64]:
    return coverage(times @ shown)


def test_the_jackknife_of_a_mean_is_its_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).exponential(2.0, 300)
    error = values.std(ddof=1) / np.sqrt(300)
    found = jackknife_intervals({"x": mean_of(values)}, 300)["x"]
    assert [found["low"], found["high"]] == pytest.approx(
        [values.mean() - 1.96 * error, values.mean() + 1.96 * error], abs=1e-4
    )
    monkeypatch.setattr(set_intervals_module, "DRAWN_AT_ONCE", 1)
    assert jackknife_intervals({"x": mean_of(values)}, 300, numbers=10**6)["x"] == pytest.approx(found)


def test_the_jackknife_of_many_users_leaves_out_groups() -> None:
    values = np.random.default_rng(0).exponential(2.0, 4_500)
    calls: list[Times] = []

    def statistic(times: Times) -> NDArray[np.float64]:
        calls.append(times)
        return mean_of(values)(times)

    found = jackknife_intervals({"x": statistic}, 4_500, seed=1)["x"]
    error = values.std(ddof=1) / np.sqrt(4_500)
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * error, rel=0.1)
    left = np.concatenate([times for times in calls if len(times) > 1])
    assert left.shape == (RESAMPLES, 4_500)
    assert set((left == 0).sum(axis=0)) == {1}


def test_one_user_tells_nothing_of_chance() -> None:
    found = jackknife_intervals({"x": mean_of(np.asarray([3.0]))}, 1)["x"]
    assert found["mean"] == 3.0
    assert np.isnan([found["low"], found["high"]]).all()


def test_nothing_known_is_nan() -> None:
    def unsaid(times: Times) -> NDArray[np.float64]:
        return np.full(len(times), np.nan)

    for found in (
        set_intervals({"x": unsaid}, 5),
        set_intervals({"x": mean_of(np.empty(0))}, 0),
        jackknife_intervals({"x": unsaid}, 5),
        jackknife_intervals({"x": unsaid}, 0),
    ):
        assert np.isnan([found["x"][name] for name in ("mean", "low", "high")]).all()


def test_a_draw_that_says_nothing_is_left_out() -> None:
    def only_with_the_first(times: Times) -> NDArray[np.float64]:
        return np.where(times[:, 0] > 0, 2.0, np.nan)

    assert set_intervals({"x": only_with_the_first}, 5)["x"] == {"mean": 2.0, "low": 2.0, "high": 2.0}
