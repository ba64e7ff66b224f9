"""AUC, log loss, calibration error, RMSE and MAE: by hand, beside slow loops, and as scikit-learn has them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss as their_log_loss
from sklearn.metrics import mean_absolute_error, roc_auc_score, root_mean_squared_error

from ranker.score_metrics import (
    absolute_errors,
    auc,
    calibration_bins,
    calibration_error,
    log_loss,
    log_losses,
    mae,
    rmse,
    squared_errors,
)

scores_of = hnp.arrays(np.float64, (3, 8), elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 2.0, np.inf, np.nan]))
masks = hnp.arrays(np.bool_, (3, 8))
chances_of = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)
ratings_of = st.lists(st.tuples(st.floats(1, 5), st.floats(1, 5)), min_size=1, max_size=30)


def slow_auc(scores: list[float], relevant: list[bool], left_out: list[bool]) -> float:
    filled = [-math.inf if math.isnan(score) else score for score in scores]
    won = pairs = 0.0
    for mine, is_relevant in zip(filled, relevant, strict=True):
        for other, other_relevant, out in zip(filled, relevant, left_out, strict=True):
            if is_relevant and not other_relevant and not out:
                pairs += 1
                won += 1.0 if mine > other else 0.5 if mine == other else 0.0
    return won / pairs if pairs else math.nan


def test_auc_by_hand() -> None:
    scores = np.asarray([[0.9, 0.8, 0.7, 0.6], [1.0, 1.0, 1.0, 1.0], [np.nan, 0.0, -1.0, -2.0], [0.0, 1.0, 1.0, 2.0]])
    relevant = np.asarray([[1, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 1]], dtype=np.bool_)
    # 3 of 4 pairs; all tied; never scored; pairs (2, 0), (2, 1), (1, 0) won and (1, 1) tied.
    assert auc(scores, relevant).tolist() == [0.75, 0.5, 0.0, 3.5 / 4]


def test_auc_cannot_be_said_without_pairs() -> None:
    scores = np.asarray([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    relevant = np.asarray([[False, False], [True, True], [True, False]])
    left_out = np.asarray([[False, False], [False, False], [False, True]])
    assert np.isnan(auc(scores, relevant, left_out=left_out)).all()


def test_a_relevant_item_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="left_out holds 1 relevant"):
        auc(np.zeros((1, 2)), np.asarray([[True, False]]), left_out=np.asarray([[True, False]]))


@given(scores_of, masks, masks)
@settings(max_examples=200, deadline=None)
def test_auc_beside_a_loop_over_pairs(
    scores: NDArray[np.float64], relevant: NDArray[np.bool_], left_out: NDArray[np.bool_]
) -> None:
    out = left_out & ~relevant
    rows = zip(scores.tolist(), relevant.tolist(), out.tolist(), strict=True)
    expected = [slow_auc(*row) for row in rows]
    np.testing.assert_allclose(auc(scores, relevant, left_out=out), expected, rtol=0, atol=1e-12)


@given(scores_of, masks, st.permutations(range(8)))
@settings(deadline=None)
def test_auc_is_the_same_in_any_order_and_turns_with_the_scores(
    scores: NDArray[np.float64], relevant: NDArray[np.bool_], order: list[int]
) -> None:
    found = auc(scores, relevant)
    np.testing.assert_array_equal(found, auc(scores[:, order], relevant[:, order]))
    finite = np.nan_to_num(scores, nan=-5.0, posinf=9.0, neginf=-9.0)
    np.testing.assert_allclose(auc(-finite, relevant), 1.0 - auc(finite, relevant), atol=1e-12)
    assert np.all(np.isnan(found) | ((found >= 0) & (found <= 1)))


def test_auc_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    scores = np.round(rng.normal(size=(200, 50)), 1)
    relevant = rng.random((200, 50)) < 0.1
    relevant[:, 0] = True
    left_out = (rng.random((200, 50)) < 0.2) & ~relevant
    expected = [
        roc_auc_score(own[~out], row[~out]) for row, own, out in zip(scores, relevant, left_out, strict=True)
    ]  # fmt: skip
    np.testing.assert_allclose(auc(scores, relevant, left_out=left_out), expected, rtol=0, atol=1e-9)


def test_errors_by_hand() -> None:
    predicted, actual = np.asarray([1.0, 2.0, 5.0]), np.asarray([1.0, 4.0, 4.0])
    assert squared_errors(predicted, actual).tolist() == [0.0, 4.0, 1.0]
    assert absolute_errors(predicted, actual).tolist() == [0.0, 2.0, 1.0]
    assert rmse(predicted, actual) == pytest.approx(math.sqrt(5 / 3))
    assert mae(predicted, actual) == 1.0


def test_log_loss_by_hand() -> None:
    chances, happened = np.asarray([0.5, 0.25, 0.9, 1.0, 0.0]), np.asarray([True, False, False, True, False])
    assert log_losses(chances, happened) == pytest.approx([math.log(2), -math.log(0.75), -math.log(0.1), 0.0, 0.0])
    assert log_loss(chances[:2], happened[:2]) == pytest.approx((math.log(2) - math.log(0.75)) / 2)


def test_a_sure_surprise_costs_much_but_not_infinitely() -> None:
    found = log_losses(np.asarray([0.0, 1.0]), np.asarray([True, False]))
    assert found == pytest.approx([-math.log(1e-15)] * 2)


def test_calibration_error_by_hand() -> None:
    chances = np.asarray([0.1, 0.3, 0.5, 0.6, 0.9, 1.0])
    happened = np.asarray([False, True, False, True, True, True])
    # (0, .5] holds .1 .3 .5: |1/3 - .3| of mass 3/6; (.5, 1] holds .6 .9 1.: |1 - 2.5/3|.
    assert calibration_error(chances, happened, bins=2) == pytest.approx((abs(1 / 3 - 0.3) + abs(1 - 2.5 / 3)) / 2)
    assert calibration_error(chances, chances > 2, bins=1) == pytest.approx(chances.mean())
    # Quantiles .3 1/3 and 2/3 of the way part them in pairs.
    pairs = (abs(0.5 - 0.2) + abs(0.5 - 0.55) + abs(1 - 0.95)) / 3
    assert calibration_error(chances, happened, bins=3, equal_mass=True) == pytest.approx(pairs)


def test_bins_of_equal_mass_hold_as_many_each() -> None:
    chances = np.random.default_rng(0).beta(1, 20, 1_000)
    assert set(np.bincount(calibration_bins(chances, count=10, equal_mass=True))) == {100}
    widths = np.bincount(calibration_bins(chances, count=10), minlength=10)
    assert widths[0] > 500


def test_a_calibrated_oracle_has_little_error_and_a_bragging_one_much() -> None:
    rng = np.random.default_rng(0)
    chances = rng.random(20_000)
    happened = rng.random(20_000) < chances
    for equal_mass in (False, True):
        assert calibration_error(chances, happened, equal_mass=equal_mass) < 0.02
        bragging = np.clip(chances * 1.5, 0, 1)
        assert calibration_error(bragging, happened, equal_mass=equal_mass) > 0.1


def slow_calibration(chances: list[float], happened: list[bool], edges: list[float]) -> float:
    error = 0.0
    for low, high in zip([-1.0, *edges], [*edges, 2.0], strict=True):
        inside = [i for i, chance in enumerate(chances) if low < chance <= high]
        if inside:
            share = sum(happened[i] for i in inside) / len(inside)
            mean = sum(chances[i] for i in inside) / len(inside)
            error += len(inside) / len(chances) * abs(share - mean)
    return error


@given(chances_of, st.integers(1, 12), st.booleans())
@settings(max_examples=150, deadline=None)
def test_calibration_beside_a_loop(observed: list[tuple[float, bool]], bins: int, equal_mass: bool) -> None:
    chances, happened = np.asarray([p for p, _ in observed]), np.asarray([came for _, came in observed])
    inner = np.arange(1, bins) / bins
    edges = (np.quantile(chances, inner) if equal_mass else inner).tolist()
    expected = slow_calibration(chances.tolist(), happened.tolist(), edges)
    found = calibration_error(chances, happened, bins=bins, equal_mass=equal_mass)
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0.0 <= found <= 1.0
    order = np.random.default_rng(0).permutation(len(chances))
    shuffled = calibration_error(chances[order], happened[order], bins=bins, equal_mass=equal_mass)
    assert shuffled == pytest.approx(found, abs=1e-12)


@given(chances_of)
@settings(deadline=None)
def test_log_loss_beside_a_loop(observed: list[tuple[float, bool]]) -> None:
    given = [max(p if came else 1 - p, 1e-15) for p, came in observed]
    found = log_loss(np.asarray([p for p, _ in observed]), np.asarray([came for _, came in observed]))
    assert found == pytest.approx(-sum(math.log(p) for p in given) / len(given), abs=1e-12)
    assert found >= 0


@given(ratings_of)
@settings(deadline=None)
def test_errors_beside_a_loop(pairs: list[tuple[float, float]]) -> None:
    predicted, actual = np.asarray([a for a, _ in pairs]), np.asarray([b for _, b in pairs])
    assert rmse(predicted, actual) == pytest.approx(math.sqrt(sum((a - b) ** 2 for a, b in pairs) / len(pairs)))
    assert mae(predicted, actual) == pytest.approx(sum(abs(a - b) for a, b in pairs) / len(pairs))
    assert 0 <= mae(predicted, actual) <= rmse(predicted, actual) + 1e-12 <= 4 + 1e-9


def test_all_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    actual, predicted = rng.integers(1, 6, 500).astype(np.float64), rng.normal(3, 1, 500)
    assert rmse(predicted, actual) == pytest.approx(root_mean_squared_error(actual, predicted), abs=1e-9)
    assert mae(predicted, actual) == pytest.approx(mean_absolute_error(actual, predicted), abs=1e-9)
    chances, happened = rng.random(500), rng.random(500) < 0.4
    assert log_loss(chances, happened) == pytest.approx(their_log_loss(happened, chances), abs=1e-9)
    # It gives share and mean chance of each bin that holds any; the mass is counted here.
    for strategy, edges in (("uniform", np.linspace(0, 1, 16)), ("quantile", np.quantile(chances, np.arange(16) / 15))):
        share, mean = calibration_curve(happened, chances, n_bins=15, strategy=strategy)
        mass = np.histogram(chances, edges)[0]
        expected = float(np.sum(mass[mass > 0] / 500 * np.abs(share - mean)))
        found = calibration_error(chances, happened, bins=15, equal_mass=strategy == "quantile")
        assert found == pytest.approx(expected, abs=1e-9), strategy


def test_nothing_is_said_of_nothing() -> None:
    none, no = np.empty(0), np.empty(0, dtype=np.bool_)
    assert all(math.isnan(value) for value in (rmse(none, none), mae(none, none), log_loss(none, no)))
    assert math.isnan(calibration_error(none, no))
    assert math.isnan(calibration_error(none, no, equal_mass=True))


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"predicted has shape \(1,\), actual \(2,\)"):
        rmse(np.zeros(1), np.zeros(2))
    with pytest.raises(ValueError, match=r"chances has shape"):
        log_loss(np.zeros(1), np.zeros(2, dtype=np.bool_))
    for wrong in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="expected 0..1"):
            log_loss(np.asarray([wrong]), np.asarray([True]))
