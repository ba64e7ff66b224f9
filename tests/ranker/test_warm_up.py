"""Warm-up: the formula by hand, the first events of each item, and what first users teach."""

import numpy as np
import pytest

from ranker.cold_items import contacts, fit_cold_items
from ranker.fit_warm_up import HOLDS, LIFTS, REACHES, first_events, fit_warm_up, tastes_without, with_warm_up
from ranker.interactions import Floats, Interactions
from ranker.warm_up import PATIENCE, USUAL, FirstUsers, WarmUp
from tests.ranker.logs import checkerboard, log, parity_features, random_log


def test_the_formula_by_hand() -> None:
    expected = np.asarray([[1.0, -2.0, np.log1p(4.0)], [3.0, 0.0, 0.0]], dtype=np.float32)
    first = FirstUsers(
        np.asarray([[6.0, 2.0], [0.0, 0.0]], np.float32), np.asarray([3.0, 0.0], np.float32),
        np.asarray([5.0, 0.0], np.float32), np.asarray([4.0, 0.0], np.float32),
    )  # fmt: skip
    centre = np.asarray([0.5, -1.0], dtype=np.float32)
    found = WarmUp(np.asarray([2.0, 8.0], dtype=np.float32), 0.5, centre, lift=3.0, usual=0.25).warm(expected, first)
    likings = np.log1p(4.0) + 3 * (5 - 4 * 0.25) / (4 + PATIENCE)
    assert found[0] == pytest.approx(
        [(2 * 1.5 + 0.5 * 2 * 6) / 5 - 0.5, (8 * -3 + 0.5 * 2 * 2) / 11 + 1, likings], abs=1e-5
    )
    assert found[1] == pytest.approx(expected[1])


def test_first_users_by_a_loop() -> None:
    rng = np.random.default_rng(0)
    places, weights = rng.integers(0, 4, 30), rng.uniform(-2, 1, 30).astype(np.float32)
    tastes = rng.normal(size=(30, 3)).astype(np.float32)
    tastes[::5] = 0.0
    found = FirstUsers.of(places, weights, tastes, 5)
    for item in range(5):
        mine = np.flatnonzero(places == item).tolist()
        strengths = {place: max(1.0 + float(weights[place]), 0.0) for place in mine if tastes[place].any()}
        total = sum((strength * tastes[place] for place, strength in strengths.items()), np.zeros(3))
        assert found.tastes[item] == pytest.approx(total, abs=1e-5)
        assert found.strengths[item] == pytest.approx(sum(strengths.values()), abs=1e-5)
        assert found.weights[item] == pytest.approx(weights[mine].sum(), abs=1e-5)
        assert found.counts[item] == len(mine)


def test_first_events_by_a_loop() -> None:
    interactions = random_log(12, 8, 200, seed=3)
    rows = np.asarray([1, 4, 6])
    expected: list[tuple[int, int, float]] = []
    for place, item in enumerate(rows.tolist()):
        seen: dict[int, float] = {}
        for user, other, weight in zip(interactions.users, interactions.items, interactions.weights, strict=True):
            if other == item and len(seen) < 5:
                seen.setdefault(int(user), float(weight))
        expected += [(user, place, weight) for user, weight in seen.items()]
    users, places, weights = first_events(interactions, rows, 5)
    assert list(zip(users.tolist(), places.tolist(), strict=True)) == [event[:2] for event in expected]
    assert weights == pytest.approx([event[2] for event in expected], abs=1e-6)


def learnt_from(interactions: Interactions, features_tell: bool) -> tuple[WarmUp, Floats]:
    """Return the warm-up, and scores (users, 2) of an even and an odd item of no content by what first users say."""
    features = parity_features(interactions.item_count)
    if not features_tell:
        features = features.take(np.random.default_rng(0).permutation(len(features)))
    fit = fit_cold_items(interactions, features)
    warm = fit_warm_up(fit, interactions)
    tastes = fit.cold.users(interactions.histories())[:, :-1]
    places = np.arange(len(tastes)) % 2
    first = FirstUsers.of(places, np.ones(len(tastes), np.float32), tastes, 2)
    warmed = warm.warm(np.zeros((2, tastes.shape[1] + 1), dtype=np.float32), first)
    return warm, tastes @ warmed[:, :-1].T


def test_first_users_tell_what_content_does_not() -> None:
    for tell in (True, False):
        warm, scores = learnt_from(checkerboard(60, 40), tell)
        assert scores[::2, 0].min() > scores[1::2, 0].max()
        assert scores[1::2, 1].min() > scores[::2, 1].max()
        assert warm.reach in REACHES
        assert min(HOLDS) <= warm.holds.min() <= max(HOLDS)
        # All events are likings of one weight: that an item was liked says nothing.
        assert warm.lift == LIFTS[0]


def test_what_is_liked_better_at_first_is_lifted_where_that_tells() -> None:
    """Some items are good, which no content tells, and are liked by nearly all of the many who meet each."""
    rng = np.random.default_rng(1)
    pairs = [(user, item) for user in range(80) for item in rng.permutation(40)[:24].tolist()]
    events = [
        (user, item, float(place), 1.0 if rng.random() < (0.9 if item % 4 == 0 else 0.1) else -0.5)
        for place, (user, item) in enumerate(pairs)
    ]
    interactions = log(*events, users=80, items=40)
    features = parity_features(40).take(rng.permutation(40))
    fit = with_warm_up(fit_cold_items(interactions, features), interactions)
    assert fit.cold.warm_up.lift > 0
    assert fit.cold.warm_up.usual == pytest.approx(float(interactions.weights.mean()))


def test_tastes_leave_the_item_out() -> None:
    interactions = checkerboard(60, 40)
    fit = fit_cold_items(interactions, parity_features(40))
    met = contacts(interactions.users, interactions.items, interactions.weights, (60, 40))[:, fit.rows]
    users, places, _ = first_events(interactions, fit.rows, 3)
    found = tastes_without(fit, met, users, places)
    for event in (0, 17, len(users) - 1):
        alone = fit.directions.tastes_without(met[users[event]], places[event : event + 1])
        assert found[event] == pytest.approx(fit.cold.calm(alone / np.float32(fit.usual))[0], abs=1e-5)
    whole = fit.cold.calm(np.asarray(fit.directions.tastes(met[users]) / fit.usual, dtype=np.float32))
    assert not np.allclose(found, whole, atol=1e-3)


def test_few_items_have_the_usual_warm_up() -> None:
    interactions = log((0, 0, 0.0, 1.0), (1, 1, 0.0, 1.0), (1, 0, 1.0, 1.0))
    warm = fit_warm_up(fit_cold_items(interactions, parity_features(2)), interactions)
    assert (warm.reach, warm.lift) == (USUAL[1], 0.0)
    assert np.isfinite(warm.holds).all()


def test_round_trip_through_arrays() -> None:
    warm = WarmUp(np.asarray([2.0, 8.0], np.float32), 0.5, np.asarray([1.0, -1.0], np.float32), lift=3.0, usual=0.25)
    again = WarmUp.from_arrays(warm.to_arrays())
    assert (again.reach, again.lift, again.usual, again.holds.tolist()) == (0.5, 3.0, 0.25, [2.0, 8.0])
    assert again.centre.tolist() == [1.0, -1.0]
