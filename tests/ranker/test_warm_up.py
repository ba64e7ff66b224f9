"""Warm-up: the posterior mean by hand, the first events of each item, and what first users teach."""

import numpy as np
import pytest

from ranker.cold_items import contacts, fit_cold_items
from ranker.fit_warm_up import HOLDS, REACHES, first_events, fit_warm_up, reveal
from ranker.interactions import Floats, Interactions
from ranker.warm_up import USUAL, WarmUp
from tests.ranker.logs import checkerboard, log, parity_features, random_log


def test_the_posterior_mean_by_hand() -> None:
    expected = np.asarray([[1.0, -2.0, np.log1p(4.0)], [3.0, 0.0, 0.0]], dtype=np.float32)
    sums = np.asarray([[6.0, 2.0], [0.0, 0.0]], dtype=np.float32)
    found = WarmUp(np.asarray([2.0, 8.0], dtype=np.float32), 0.5).warm(
        expected, sums, np.asarray([3.0, 0.0], np.float32)
    )
    assert found[0] == pytest.approx([(2 * 1 + 0.5 * 2 * 6) / 5, (8 * -2 + 0.5 * 2 * 2) / 11, np.log1p(4.0)], abs=1e-5)
    assert found[1] == pytest.approx(expected[1])


def test_first_events_by_a_loop() -> None:
    interactions = random_log(12, 8, 200, seed=3)
    rows = np.asarray([1, 4, 6])
    expected: list[tuple[int, int, float]] = []
    for place, item in enumerate(rows.tolist()):
        seen: dict[int, float] = {}
        for user, other, weight in zip(interactions.users, interactions.items, interactions.weights, strict=True):
            if other == item and weight > -1 and len(seen) < 5:
                seen.setdefault(int(user), 1 + float(weight))
        expected += [(user, place, strength) for user, strength in seen.items()]
    users, places, strengths = first_events(interactions, rows, 5)
    assert list(zip(users.tolist(), places.tolist(), strict=True)) == [event[:2] for event in expected]
    assert strengths == pytest.approx([event[2] for event in expected], abs=1e-6)


def learnt_from(interactions: Interactions, features_tell: bool) -> tuple[WarmUp, Floats, Floats]:
    """Return the warm-up, and for even and odd items the mean taste that first users make of an item of no content."""
    features = parity_features(interactions.item_count)
    if not features_tell:
        features = features.take(np.random.default_rng(0).permutation(len(features)))
    fit = fit_cold_items(interactions, features)
    warm = fit_warm_up(fit, interactions)
    tastes = fit.cold.users(interactions.histories())[:, :-1]
    expected = np.zeros((2, tastes.shape[1] + 1), dtype=np.float32)
    sums = np.stack([5 * tastes[::2].mean(axis=0), 5 * tastes[1::2].mean(axis=0)])
    warmed = warm.warm(expected, sums, np.full(2, 5.0, np.float32))
    return warm, tastes @ warmed[:, :-1].T, tastes


def test_first_users_tell_what_content_does_not() -> None:
    for tell in (True, False):
        warm, scores, _ = learnt_from(checkerboard(60, 40), tell)
        assert scores[::2, 0].min() > scores[1::2, 0].max()
        assert scores[1::2, 1].min() > scores[::2, 1].max()
        assert warm.reach in REACHES
        assert min(HOLDS) <= warm.holds.min() <= max(HOLDS)


def test_revealed_tastes_leave_the_item_out() -> None:
    interactions = checkerboard(60, 40)
    fit = fit_cold_items(interactions, parity_features(40))
    shape = (60, 40)
    met = contacts(interactions.users, interactions.items, interactions.weights, shape)[:, fit.rows]
    revealed = reveal(fit, interactions, met, 3)
    users, places, strengths = first_events(interactions, fit.rows, 3)
    mine = np.flatnonzero(places == 7)
    tastes = fit.cold.calm(fit.directions.tastes_without(met[users[mine]], places[mine]) / np.float32(fit.usual))
    assert revealed.sums[7] == pytest.approx((strengths[mine, None] * tastes).sum(axis=0), abs=1e-4)
    assert revealed.strengths[7] == pytest.approx(strengths[mine].sum())
    assert revealed.told.nnz == len(users)


def test_few_items_have_the_usual_warm_up() -> None:
    interactions = log((0, 0, 0.0, 1.0), (1, 1, 0.0, 1.0), (1, 0, 1.0, 1.0))
    warm = fit_warm_up(fit_cold_items(interactions, parity_features(2)), interactions)
    assert warm.reach == USUAL[1]
    assert np.isfinite(warm.holds).all()
