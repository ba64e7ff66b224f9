"""One contract for every factorisation: it ranks what is known by construction, the same for one seed."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest

from ranker.collaborative import Factorization, fit_als, fit_bpr
from ranker.collaborative_gradient import fit_gradient, gradients, predict
from ranker.interactions import Interactions
from tests.ranker.logs import checkerboard, log, random_log


def rated(interactions: Interactions) -> Interactions:
    """Return likings and dislikes of half of all pairs: squared error needs both."""
    rng = np.random.default_rng(1)
    users, items = np.nonzero(rng.random((interactions.user_count, interactions.item_count)) < 0.5)
    weights = np.where((users + items) % 2 == 0, 1.0, -1.0)
    return log(
        *zip(users.tolist(), items.tolist(), [0.0] * len(users), weights.tolist(), strict=True),
        users=interactions.user_count, items=interactions.item_count,
    )  # fmt: skip


def by_steps(
    interactions: Interactions, optimizer: Literal["sgd", "adam"], step: float, epochs: int, seed: int
) -> Factorization:
    learnt = fit_gradient(rated(interactions), factors=4, epochs=epochs, step=step, optimizer=optimizer, seed=seed)
    return learnt.learnt


FITS: dict[str, Callable[..., Factorization]] = {
    "als": lambda log, seed=0: fit_als(log, factors=4, regularization=0.1, seed=seed),
    "bpr": lambda log, seed=0: fit_bpr(log, factors=4, seed=seed, iterations=200),
    "adam": lambda log, seed=0: by_steps(log, "adam", 0.02, 80, seed),
    "sgd": lambda log, seed=0: by_steps(log, "sgd", 1.0, 150, seed),
}


def test_v_that_is_held_stays_the_identity() -> None:
    told = rated(random_log(6, 5, 40))
    held, free = (
        fit_gradient(told, factors=3, epochs=3, learn_bilinear=learn).learnt.factors for learn in (False, True)
    )
    assert np.array_equal(held.bilinear, np.eye(3, dtype=np.float32))
    assert not np.array_equal(free.bilinear, np.eye(3, dtype=np.float32))


@pytest.mark.parametrize("name", FITS)
class TestContract:
    def test_the_right_colour_is_ranked_first(self, name: str) -> None:
        interactions = checkerboard(40, 30)
        scores = FITS[name](interactions).scores()
        same = (np.arange(40)[:, None] + np.arange(30)[None, :]) % 2 == 0
        unseen = np.ones_like(same)
        unseen[interactions.users, interactions.items] = False
        better = [
            (scores[user][same[user] & unseen[user]][:, None] > scores[user][~same[user]][None, :]).mean()
            for user in range(40)
        ]
        assert np.mean(better) > 0.95

    def test_one_seed_one_model(self, name: str) -> None:
        interactions = checkerboard(20, 12)
        first, again = FITS[name](interactions), FITS[name](interactions)
        assert np.array_equal(first.scores(), again.scores())
        assert not np.array_equal(first.scores(), FITS[name](interactions, seed=1).scores())

    def test_a_score_is_u_v_v_plus_b(self, name: str) -> None:
        learnt = FITS[name](checkerboard(20, 12))
        factors, user, item = learnt.factors, learnt.users[3].astype(np.float64), 5
        expected = user @ factors.bilinear @ factors.items[item] + factors.bias[item]
        assert learnt.scores()[3, item] == pytest.approx(expected, abs=1e-4)

    def test_shapes_and_types(self, name: str) -> None:
        learnt = FITS[name](checkerboard(20, 12))
        assert learnt.users.shape == (20, 4)
        assert learnt.factors.items.shape == (12, 4)
        assert learnt.factors.bias.shape == (12,)
        assert learnt.users.dtype == learnt.factors.items.dtype == np.float32


def test_v_of_als_is_the_identity() -> None:
    assert np.array_equal(fit_als(checkerboard(20, 12), factors=4).factors.bilinear, np.eye(4))


def test_als_learns_no_more_factors_than_the_log_has_room_for() -> None:
    assert fit_als(log((0, 0, 0.0, 1.0), (1, 1, 0.0, 1.0)), factors=64).factors.items.shape == (2, 1)


def test_bpr_needs_a_liking() -> None:
    with pytest.raises(ValueError, match="hold no liking"):
        fit_bpr(log((0, 0, 0.0, -1.0)), factors=2)


def test_gradients_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(4)
    interactions = random_log(5, 6, 12)
    theta = {
        "users": rng.normal(size=(5, 2)), "items": rng.normal(size=(6, 2)),
        "bilinear": rng.normal(size=(2, 2)), "bias": rng.normal(size=6),
    }  # fmt: skip

    def loss() -> float:
        error = predict(theta, interactions.users, interactions.items) - interactions.weights
        return 0.5 * float(np.mean(error**2))

    found = gradients(theta, interactions, np.arange(12), 0.0)
    for name, value in theta.items():
        for place in np.ndindex(value.shape):
            kept, value[place] = value[place], value[place] + 1e-6
            above = loss()
            value[place] = kept - 1e-6
            slope = (above - loss()) / 2e-6
            value[place] = kept
            assert found[name][place] == pytest.approx(slope, abs=1e-5), (name, place)


@pytest.mark.parametrize(("optimizer", "step"), [("sgd", 2.0), ("adam", 0.02)])
def test_descent_descends(optimizer: Literal["sgd", "adam"], step: float) -> None:
    told = rated(checkerboard(20, 20))
    errors = fit_gradient(told, factors=3, step=step, epochs=60, optimizer=optimizer).errors
    assert errors[-1] < 0.8 * errors[0]
