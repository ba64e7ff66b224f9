"""Fold-in is the exact step of alternating least squares."""

from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from ranker.collaborative import CONFIDENCE, fit_als
from ranker.fold_in import fold_in_users, user_factors
from tests.ranker.logs import checkerboard, history, random_log


def slow_fold_in(
    factors: NDArray[np.float64], rows: Iterable[int], strengths: Iterable[float], regularization: float
) -> NDArray[np.float64]:
    left, right = factors.T @ factors + regularization * np.eye(factors.shape[1]), np.zeros(factors.shape[1])
    for row, strength in zip(rows, strengths, strict=True):
        if strength > 0:
            left += CONFIDENCE * strength * np.outer(factors[row], factors[row])
            right += (1 + CONFIDENCE * strength) * factors[row]
    return np.asarray(np.linalg.solve(left, right), dtype=np.float64)


def test_users_agree_with_a_loop() -> None:
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(9, 3)).astype(np.float32)
    recent = random_log(5, 9, 30).histories().recent(4)
    strengths = (recent.weights * recent.used).astype(np.float32)
    found = fold_in_users(factors, factors.T @ factors, recent, strengths, 2.0)
    for user in range(5):
        used = recent.used[user]
        expected = slow_fold_in(factors.astype(np.float64), recent.items[user][used], strengths[user][used], 2.0)
        assert found[user] == pytest.approx(expected, abs=1e-4)


def test_a_trained_user_folded_in_is_the_same_user() -> None:
    interactions = checkerboard(40, 30)
    learnt = fit_als(interactions, factors=4, regularization=1.0, iterations=100)
    folded = user_factors(learnt.factors, interactions.histories(), limit=30, time_constant=1e9)
    assert folded @ learnt.factors.items.T == pytest.approx(learnt.scores(), abs=0.05)


def test_a_new_event_draws_its_neighbours_up() -> None:
    learnt = fit_als(checkerboard(40, 30), factors=4, regularization=0.1)
    before, after = (
        user_factors(learnt.factors, history(*entries), limit=30, time_constant=2.0)[0] @ learnt.factors.items.T
        for entries in ([(0, 1.0), (2, 1.0)], [(0, 1.0), (2, 1.0), (7, 1.0)])
    )
    assert (after[1::2] - before[1::2]).mean() > 0.2


def test_a_stranger_has_no_taste() -> None:
    learnt = fit_als(checkerboard(20, 12), factors=4)
    assert not user_factors(learnt.factors, history(), limit=5, time_constant=2.0).any()
