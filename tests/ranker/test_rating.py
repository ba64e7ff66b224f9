"""Rating prediction: planted biases and tastes come back, strangers get means."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ranker.rating import RatingModel, fit_ratings

Pairs = tuple[NDArray[np.signedinteger], ...]


def planted(
    users: int = 60, items: int = 50, *, taste: float = 0.8, seed: int = 0
) -> tuple[NDArray[np.float64], Pairs, Pairs]:
    rng = np.random.default_rng(seed)
    signs = np.sign(rng.normal(size=users))[:, None] * np.sign(rng.normal(size=items))[None, :]
    truth = 3.0 + rng.normal(0, 0.4, users)[:, None] + rng.normal(0, 0.4, items)[None, :] + taste * signs
    given = rng.random(truth.shape) < 0.7
    return truth, np.nonzero(given), np.nonzero(~given)


def test_tastes_are_learnt_beyond_biases() -> None:
    truth, (users, items), (others, unseen) = planted()
    ratings = truth[users, items].astype(np.float32)
    errors = {}
    for factors in (0, 4):
        model = fit_ratings(users, items, ratings, user_count=60, item_count=50, factors=factors)
        errors[factors] = float(np.abs(model.predict(others, unseen) - truth[others, unseen]).mean())
    assert errors[4] < 0.6 * errors[0]


def test_prediction_by_hand() -> None:
    model = RatingModel(3.0, np.asarray([[0.5, 1.0]], np.float32), np.asarray([[-0.2, 0.4]], np.float32), 1.0, 5.0)
    users, items = np.asarray([0, 0, -1, -1]), np.asarray([0, -1, 0, -1])
    assert model.predict(users, items) == pytest.approx([3.7, 3.5, 2.8, 3.0])


def test_predictions_stay_in_the_scale() -> None:
    model = RatingModel(3.0, np.asarray([[9.0]], np.float32), np.asarray([[0.0], [-20.0]], np.float32), 1.0, 5.0)
    assert model.predict(np.asarray([0, 0]), np.asarray([0, 1])).tolist() == [5.0, 1.0]


def test_rows_without_ratings_are_strangers() -> None:
    ratings = np.asarray([4.0], np.float32)
    model = fit_ratings(np.asarray([0]), np.asarray([0]), ratings, user_count=3, item_count=2)
    stranger = model.predict(np.asarray([-1]), np.asarray([-1]))
    assert model.predict(np.asarray([2]), np.asarray([1])) == pytest.approx(stranger)


def test_one_seed_one_model() -> None:
    _, (users, items), _ = planted()
    ratings = np.linspace(1, 5, len(users)).astype(np.float32)
    models = [fit_ratings(users, items, ratings, user_count=60, item_count=50, seed=3) for _ in range(2)]
    assert np.array_equal(models[0].users, models[1].users)


def test_no_rating() -> None:
    nothing = np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="ratings is empty; expected at least one"):
        fit_ratings(nothing, nothing, np.zeros(0, np.float32), user_count=1, item_count=1)
