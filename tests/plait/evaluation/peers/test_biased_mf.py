"""Biased MF: ratings read back from weights, users exact for fixed items, planted tastes found."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from plait.evaluation.peers.biased_mf import SETTINGS, BiasedMf, FittedBiasedMf, Scale
from plait.evaluation.splitters import last_liked
from plait.history import Log
from tests.plait.evaluation.logs import Event, log_of, noisy
from tests.plait.evaluation.peers.test_met import histories_of

SOME = {"factors": 8, "epochs": 50, "regularization": 0.02}


def test_ratings_are_read_back_from_weights() -> None:
    log = noisy()
    scale = Scale.of(log)
    np.testing.assert_allclose(scale.ratings(log.weights), log.ratings, atol=1e-5)
    # Clicks among ratings change nothing of the scale.
    mixed = replace(log, ratings=np.where(np.arange(len(log.ratings)) % 3, log.ratings, np.nan).astype(np.float32))
    np.testing.assert_allclose(Scale.of(mixed).ratings(log.weights), log.ratings, atol=1e-5)


def test_without_ratings_weights_stand_for_them() -> None:
    log = replace(noisy(), ratings=np.full(len(noisy().ratings), np.nan, dtype=np.float32))
    np.testing.assert_array_equal(Scale.of(log).ratings(log.weights), log.weights.astype(np.float64))
    split = last_liked(log, 0)
    fitted = BiasedMf().fit(split, SOME, seed=0)
    assert fitted.mean == pytest.approx(float(split.learnt.weights.mean()), abs=1e-6)


def test_one_weight_for_every_rating_says_the_mean() -> None:
    log = noisy()
    flat = replace(log, weights=np.ones_like(log.weights))
    assert Scale.of(flat).ratings(np.ones(1, np.float32)) == pytest.approx([float(log.ratings.mean())], abs=1e-5)


def test_users_are_where_the_regularised_error_is_least() -> None:
    items = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    fitted = FittedBiasedMf(3.0, items, 0.1, Scale(3.0, 2.0))
    history = [(0, 1.0), (3, -0.5), (4, 0.5)]
    user = fitted.users(histories_of([history]))[0]

    def error(tried: NDArray[np.float64]) -> float:
        value = 0.1 * len(history) * float(tried @ tried)
        for item, weight in history:
            said = 3.0 + items[item, 0] + tried[0] + tried[1:] @ items[item, 1:]
            value += float(3.0 + 2.0 * weight - said) ** 2
        return value

    for step in 1e-2 * np.eye(3):
        assert error(user) < error(user + step)
        assert error(user) < error(user - step)
    predicted = 3.0 + items[:, 0] + user[0] + items[:, 1:] @ user[1:]
    np.testing.assert_allclose(fitted.scores(histories_of([history]))[0], predicted, rtol=1e-5)


def test_a_stranger_gets_mean_ratings() -> None:
    items = np.asarray([[0.5, 1.0], [-0.25, 2.0]], dtype=np.float32)
    assert FittedBiasedMf(3.0, items, 0.1, Scale(0.0, 1.0)).scores(histories_of([[]]))[0] == pytest.approx([3.5, 2.75])


def _tastes() -> Log:
    """Even users rate even items 5 and odd ones 1, odd users the other way round."""
    rng = np.random.default_rng(0)
    rows: list[Event] = []
    for user in range(30):
        for time, item in enumerate(rng.permutation(20)[:12].tolist()):
            rows.append((f"user-{user}", f"item-{item:02}", float(time), 1.0 if (user + item) % 2 == 0 else -1.0))
    log = log_of(rows, item_ids=[f"item-{item:02}" for item in range(20)])
    return replace(log, ratings=3 + 2 * log.weights)


def test_planted_tastes_are_found() -> None:
    split = last_liked(_tastes(), 0)
    scores = BiasedMf().fit(split, {**SOME, "epochs": 300}, seed=0).scores(split.histories)
    parity = np.asarray([int(name.split("-")[1]) % 2 for name in split.user_ids.ids(split.users)])
    alike = parity[:, None] == np.arange(20)[None, :] % 2
    assert scores[alike].mean() > 4.0
    assert scores[~alike].mean() < 2.0


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(noisy(), 0)
    assert BiasedMf().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
