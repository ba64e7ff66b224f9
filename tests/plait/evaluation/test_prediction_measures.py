"""RMSE, MAE, log loss and calibration with intervals over users: the point is the plain measure, the width a loop's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.evaluation.bootstrap import drawn_users
from plait.evaluation.prediction_measures import chance_measures, rating_measures
from ranker.score_metrics import calibration_error, log_loss, mae, rmse


@given(st.integers(0, 1_000), st.integers(1, 40))
@settings(max_examples=15, deadline=None)
def test_the_point_is_the_plain_measure(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    users = rng.integers(5, 12, count)
    predicted, actual = rng.normal(3, 1, count), rng.integers(1, 6, count).astype(np.float64)
    ratings = rating_measures(users, predicted, actual)
    assert ratings["rmse"]["mean"] == pytest.approx(rmse(predicted, actual), abs=1e-12)
    assert ratings["mae"]["mean"] == pytest.approx(mae(predicted, actual), abs=1e-12)
    chances, happened = rng.random(count), rng.random(count) < 0.3
    found = chance_measures(users, chances, happened)
    assert found["log_loss"]["mean"] == pytest.approx(log_loss(chances, happened), abs=1e-12)
    assert found["calibration_error"]["mean"] == pytest.approx(calibration_error(chances, happened), abs=1e-12)
    adaptive = calibration_error(chances, happened, equal_mass=True)
    assert found["adaptive_calibration_error"]["mean"] == pytest.approx(adaptive, abs=1e-12)


def test_the_interval_is_that_of_whole_users_drawn() -> None:
    rng = np.random.default_rng(0)
    users = rng.integers(0, 6, 60)
    # A user who is hard to predict makes the interval wide: ratings of one user are not independent.
    predicted, actual = rng.normal(3, 1, 60) + 2.0 * (users == 0), np.full(60, 3.0)
    found = rating_measures(users, predicted, actual, seed=2)["rmse"]
    slow = []
    for times in np.concatenate(list(drawn_users(6, seed=2))).astype(np.int64):
        rows = np.concatenate([np.tile(np.flatnonzero(users == user), count) for user, count in enumerate(times)])
        slow.append(rmse(predicted[rows], actual[rows]))
    expected = np.percentile(slow, [2.5, 97.5]) - np.mean(slow) + found["mean"]
    assert [found["low"], found["high"]] == pytest.approx(expected.tolist())


def test_the_order_and_the_names_of_users_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    users, chances, happened = rng.integers(0, 9, 80), rng.random(80), rng.random(80) < 0.5
    order = rng.permutation(80)
    plain, moved = (
        chance_measures(users, chances, happened),
        chance_measures(users[order] * 3 + 1, chances[order], happened[order]),
    )
    for name, interval in plain.items():
        assert moved[name] == pytest.approx(interval), name


def test_what_has_no_prediction_is_left_out() -> None:
    users, actual = np.asarray([0, 1, 1]), np.asarray([1.0, 2.0, np.nan])
    found = rating_measures(users, np.asarray([np.nan, 4.0, 1.0]), actual)
    assert found["rmse"] == {"mean": 2.0, "low": 2.0, "high": 2.0}
    said = chance_measures(users, np.asarray([np.nan, 0.5, 0.5]), np.asarray([True, True, False]))
    assert said["log_loss"]["mean"] == pytest.approx(np.log(2))
    assert said["calibration_error"]["mean"] == 0.0


def test_nothing_is_nan() -> None:
    none = np.empty(0)
    users, no = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_)
    for found in (*rating_measures(users, none, none).values(), *chance_measures(users, none, no).values()):
        assert np.isnan(found["mean"])
        assert np.isnan(found["low"])


def test_a_chance_is_between_0_and_1() -> None:
    with pytest.raises(ValueError, match="expected 0..1"):
        chance_measures(np.asarray([0]), np.asarray([1.5]), np.asarray([True]))
