"""Rating prediction by descent: batches beside one rating at a time, planted tastes found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.interactions import Floats, Rows
from ranker.rating import RatingModel
from ranker.rating_gradient import Descent, apart, fit_ratings_by_gradient
from tests.ranker.test_rating import planted

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=40)


def _columns(rows: list[tuple[int, int]]) -> tuple[Rows, Rows]:
    return np.asarray([user for user, _ in rows], dtype=np.int64), np.asarray(
        [item for _, item in rows], dtype=np.int64
    )


@given(pairs)
def test_batches_hold_nobody_twice_and_keep_the_order_of_everybody(rows: list[tuple[int, int]]) -> None:
    users, items = _columns(rows)
    batches = list(apart(users, items))
    assert sorted(np.concatenate([*batches, np.empty(0, np.int64)]).tolist()) == list(range(len(rows)))
    for batch in batches:
        assert len(set(users[batch].tolist())) == len(batch) == len(set(items[batch].tolist()))
    done = [row for batch in batches for row in batch.tolist()]
    for side in (users, items):
        for name in set(side.tolist()):
            mine = [row for row in done if side[row] == name]
            assert mine == sorted(mine)


def _one_by_one(users: Rows, items: Rows, ratings: Floats, how: Descent, seed: int) -> RatingModel:
    """Return what Surprise's loops over ratings and factors make, from the same start in the same order."""
    rng = np.random.default_rng(seed)
    mean = float(ratings.mean())
    start = [rng.normal(0.0, how.spread, (count, 1 + how.factors)) for count in (6, 8)]
    user_bias, item_bias = np.zeros(6), np.zeros(8)
    mine, theirs = (side[:, 1:] for side in start)
    order = rng.permutation(len(ratings))
    step, strength = how.learning_rate, how.regularization
    for _ in range(how.epochs):
        for user, item, rating in zip(users[order], items[order], ratings[order], strict=True):
            error = rating - mean - user_bias[user] - item_bias[item] - mine[user] @ theirs[item]
            user_bias[user] += step * (error - strength * user_bias[user])
            item_bias[item] += step * (error - strength * item_bias[item])
            for factor in range(how.factors):
                one, other = mine[user, factor], theirs[item, factor]
                mine[user, factor] += step * (error * other - strength * one)
                theirs[item, factor] += step * (error * one - strength * other)
    mine[5], theirs[7] = 0.0, 0.0
    user_side = np.column_stack([user_bias, mine]).astype(np.float32)
    return RatingModel(mean, user_side, np.column_stack([item_bias, theirs]).astype(np.float32), 1.0, 5.0)


@pytest.mark.parametrize("seed", [0, 1])
def test_beside_one_rating_at_a_time(seed: int) -> None:
    rng = np.random.default_rng(3)
    users, items = rng.integers(0, 5, 60), rng.integers(0, 7, 60)
    ratings = rng.integers(1, 6, 60).astype(np.float32)
    how = Descent(factors=3, epochs=7, learning_rate=0.05, regularization=0.1)
    slow = _one_by_one(users, items, ratings, how, seed)
    fast = fit_ratings_by_gradient(users, items, ratings, user_count=6, item_count=8, descent=how, seed=seed)
    assert fast.mean == pytest.approx(slow.mean)
    np.testing.assert_allclose(fast.users, slow.users, atol=1e-6)
    np.testing.assert_allclose(fast.items, slow.items, atol=1e-6)


def test_tastes_are_learnt_beyond_biases() -> None:
    truth, (users, items), (others, unseen) = planted()
    ratings = truth[users, items].astype(np.float32)
    errors = {}
    for factors in (0, 4):
        how = Descent(factors=factors, epochs=100, learning_rate=0.02)
        model = fit_ratings_by_gradient(users, items, ratings, user_count=60, item_count=50, descent=how)
        errors[factors] = float(np.abs(model.predict(others, unseen) - truth[others, unseen]).mean())
    assert errors[4] < 0.6 * errors[0]


def test_rows_without_ratings_are_strangers() -> None:
    one = np.asarray([0])
    model = fit_ratings_by_gradient(one, one, np.asarray([4.0], np.float32), user_count=3, item_count=2)
    assert not model.users[1:].any()
    assert not model.items[1:].any()
    assert model.predict(np.asarray([2]), np.asarray([1])) == pytest.approx([4.0])


def test_no_rating() -> None:
    nothing = np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="ratings is empty; expected at least one"):
        fit_ratings_by_gradient(nothing, nothing, np.zeros(0, np.float32), user_count=1, item_count=1)
