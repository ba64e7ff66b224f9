"""Demographics: what attributes say of a taste, and nothing where they say nothing."""

import numpy as np
import pytest

from ranker.demographics import STRENGTHS, _ridge, fit_demographics
from ranker.interactions import Floats
from ranker.taste_fit import TasteFit, fit_taste
from tests.ranker.tastes import SIDES, two_sides

USERS = 80


@pytest.fixture(scope="module")
def fit() -> TasteFit:
    return fit_taste(two_sides(USERS), factors=4)


def sides() -> Floats:
    """Return (USERS, 2) the side of each user."""
    return np.asarray(np.eye(2)[np.arange(USERS) % 2], dtype=np.float32)


def test_an_attribute_that_tells_the_side(fit: TasteFit) -> None:
    learnt = fit_demographics(fit, sides())
    scores = fit.taste.score(learnt.expect(np.eye(2, dtype=np.float32)), np.tile(np.arange(2 * SIDES), (2, 1)))
    assert scores[0, :SIDES].min() > 0 > scores[0, SIDES:].max()
    assert scores[1, :SIDES].max() < 0 < scores[1, SIDES:].min()


def test_nothing_known_adds_nothing(fit: TasteFit) -> None:
    learnt = fit_demographics(fit, sides())
    assert learnt.slopes.any()
    assert not learnt.expect(np.zeros((3, 2), np.float32)).any()


@pytest.mark.parametrize("seed", range(4))
def test_attributes_drawn_at_random_say_next_to_nothing(fit: TasteFit, seed: int) -> None:
    drawn = np.random.default_rng(seed).normal(size=(USERS, 5)).astype(np.float32)
    told, noise = (np.square(fit_demographics(fit, matrix).expect(matrix)).sum() for matrix in (sides(), drawn))
    assert noise < 0.2 * told


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_attributes_all_missing_or_all_the_same_say_nothing(fit: TasteFit, value: float) -> None:
    matrix = np.full((USERS, 3), value, dtype=np.float32)
    assert not fit_demographics(fit, matrix).slopes.any()


def test_few_users_say_nothing() -> None:
    fit = fit_taste(two_sides(10), factors=4)
    assert not fit_demographics(fit, sides()[:10]).slopes.any()


def test_users_without_attributes_are_not_learnt_from(fit: TasteFit) -> None:
    half = sides()
    half[40:] = 0.0
    learnt = fit_demographics(fit, half)
    early = fit.users < 40
    again = fit_demographics(TasteFit(fit.taste, fit.users[early], fit.tastes[early]), half)
    np.testing.assert_allclose(learnt.slopes, again.slopes, atol=1e-6)
    np.testing.assert_allclose(learnt.centre, again.centre, atol=1e-6)


def test_left_out_residuals_are_those_of_learning_without_the_user(fit: TasteFit) -> None:
    rng = np.random.default_rng(0)
    attributes, tastes = rng.normal(size=(30, 4)), rng.normal(size=(30, 2))
    attributes -= attributes.mean(axis=0)
    _, left_out = _ridge(attributes, tastes, 3.0)
    for user in (0, 17):
        others = np.arange(30) != user
        # The mean is learnt beside the slopes: a column of ones without a ridge.
        design = np.c_[np.ones(29), attributes[others]]
        solved = np.linalg.solve(design.T @ design + np.diag([0.0, 3.0, 3.0, 3.0, 3.0]), design.T @ tastes[others])
        np.testing.assert_allclose(left_out[user], tastes[user] - np.r_[1.0, attributes[user]] @ solved, atol=1e-9)


def test_wrong_shapes_are_refused(fit: TasteFit) -> None:
    with pytest.raises(ValueError, match="attributes have 3 rows"):
        fit_demographics(fit, sides()[:3])
    with pytest.raises(ValueError, match="attributes have 5 columns; expected 2"):
        fit_demographics(fit, sides()).expect(np.zeros((1, 5), np.float32))
    assert list(STRENGTHS) == sorted(STRENGTHS)
