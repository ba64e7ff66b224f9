"""Item weights: the closed form against a regression per item, scores against a loop, and the search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranker import item_weights
from ranker.hold_out import hold_out
from ranker.interactions import Interactions, Rows
from ranker.item_weights import ItemWeights, fit_item_weights, recent_places
from ranker.item_weights_search import REACHES, REGULARIZATIONS, TIME_CONSTANTS, USUAL, choose_item_weights, mean_gain
from ranker.nearness import once
from ranker.recency import contact
from tests.ranker.logs import checkerboard, log, random_log


def met_matrix(interactions: Interactions, rows: Rows) -> NDArray[np.float64]:
    met = np.zeros((interactions.user_count, interactions.item_count))
    met[interactions.users, interactions.items] = 1.0
    return met[:, rows]


def test_each_column_is_a_ridge_regression_on_the_other_items() -> None:
    interactions = random_log(30, 8, 120)
    found = fit_item_weights(interactions, regularization=0.5)
    met = met_matrix(interactions, found.rows)
    strength = 0.5 * np.diag(met.T @ met).mean()
    for place in range(len(found.rows)):
        others = np.delete(np.arange(len(found.rows)), place)
        left = met[:, others].T @ met[:, others] + strength * np.eye(len(others))
        expected = np.linalg.solve(left, met[:, others].T @ met[:, place])
        assert found.weights[others, place] == pytest.approx(expected, abs=1e-4)
        assert found.weights[place, place] == 0


def test_twice_is_once() -> None:
    once = log((0, 0, 0.0, 1.0), (0, 1, 1.0, 1.0), (1, 1, 0.0, 1.0))
    twice = log((0, 0, 0.0, 1.0), (0, 1, 1.0, 1.0), (0, 1, 2.0, 1.0), (1, 1, 0.0, 1.0))
    weights = [fit_item_weights(each, regularization=1.0).weights for each in (once, twice)]
    assert np.array_equal(weights[0], weights[1])


def test_only_the_most_touched_items_take_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_weights, "MOST_ITEMS", 2)
    interactions = log((0, 4, 0.0, 1.0), (1, 4, 0.0, 1.0), (0, 1, 0.0, 1.0), (1, 1, 0.0, 1.0), (0, 2, 0.0, 1.0))
    found = fit_item_weights(interactions, regularization=1.0)
    assert found.rows.tolist() == [1, 4]
    assert found.places(6).tolist() == [-1, 0, -1, -1, 1, -1]


def test_one_item_has_no_weights() -> None:
    found = fit_item_weights(log((0, 0, 0.0, 1.0), items=3), regularization=1.0)
    assert len(found.rows) == 0
    assert not found.score(np.zeros((1, 2), np.int64), np.ones((1, 2), np.float32), np.zeros((1, 3), np.int64)).any()


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_scores_agree_with_a_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    square = ItemWeights(np.arange(7), rng.normal(size=(7, 7)).astype(np.float32))
    recent, candidates = rng.integers(-1, 7, (3, 5)), rng.integers(-1, 7, (3, 4))
    strengths = (rng.normal(size=(3, 5)) * rng.integers(0, 2, (3, 5))).astype(np.float32)
    found = square.score(recent, strengths, candidates)
    for user in range(3):
        for place, candidate in enumerate(candidates[user]):
            expected = sum(
                strengths[user, entry] * square.weights[item, candidate]
                for entry, item in enumerate(recent[user])
                if item >= 0 and candidate >= 0
            )
            assert found[user, place] == pytest.approx(expected, abs=1e-5)


def test_recent_places_of_an_empty_catalogue() -> None:
    recent = log((0, 0, 0.0, 1.0)).histories().recent(3)
    assert recent_places(recent, np.empty(0, np.int64)).tolist() == [[-1]]


def test_mean_gain_agrees_with_a_loop() -> None:
    held = hold_out(random_log(20, 15, 200, seed=4), 0)
    weights = fit_item_weights(held.before, regularization=1.0)
    places, gains = weights.places(15), []
    for user, target in enumerate(held.targets):
        one = held.histories.take(np.asarray([user])).recent(50)
        everything = places[np.arange(15)[None, :]]
        scores = weights.score(recent_places(one, places), contact(one, 2.0), everything)[0].astype(np.float64)
        scores[places < 0] = -np.inf
        scores[one.items[0]] = -np.inf
        rank = int((scores > scores[target]).sum())
        gains.append(1 / np.log2(rank + 2) if rank < 10 and np.isfinite(scores[target]) else 0.0)
    assert mean_gain(weights, held, history=50, time_constant=2.0) == pytest.approx(np.mean(gains), abs=1e-6)


def test_near_pairs_count_more_in_the_regression() -> None:
    """Each column is a ridge regression on features whose products are the nearness of a loop over pairs."""
    interactions = random_log(30, 8, 120)
    found = fit_item_weights(interactions, regularization=0.5, reach=3.0)
    nearness = np.zeros((8, 8))
    histories = once(interactions.histories())
    for user in range(len(histories)):
        items = histories.items[histories.offsets[user] : histories.offsets[user + 1]].tolist()
        for place, one in enumerate(items):
            for other_place, other in enumerate(items):
                nearness[one, other] += np.exp(-abs(place - other_place) / 3.0)
    ridged = nearness + 0.5 * np.diag(nearness).mean() * np.eye(8)
    for place in range(8):
        others = np.delete(np.arange(8), place)
        expected = np.linalg.solve(ridged[np.ix_(others, others)], nearness[others, place])
        assert found.weights[others, place] == pytest.approx(expected, abs=1e-4)


def test_the_search_chooses_the_best_it_tried() -> None:
    """The reach by the usual regularization, the regularization by that reach, the time constant by both."""
    held = hold_out(random_log(40, 30, 600, seed=7), 0)
    chosen = choose_item_weights(held, history=50, say=lambda _: None, deadline=None)

    def gain(regularization: float, reach: float) -> dict[float, float]:
        weights = fit_item_weights(held.before, regularization=regularization, reach=reach)
        return {each: mean_gain(weights, held, history=50, time_constant=each) for each in TIME_CONSTANTS}

    reaches = {reach: max(gain(REGULARIZATIONS[0], reach).values()) for reach in REACHES}
    assert reaches[chosen.reach] == max(reaches.values())
    strengths = {each: gain(each, chosen.reach) for each in REGULARIZATIONS}
    assert strengths[chosen.regularization][chosen.time_constant] == max(max(of.values()) for of in strengths.values())


def test_a_deadline_that_is_over_lets_one_trial_be_made() -> None:
    said: list[str] = []
    choose_item_weights(hold_out(checkerboard(30, 20), 0), history=50, say=said.append, deadline=0.0)
    assert len(said) == 1


def test_nothing_to_choose_by() -> None:
    held = hold_out(log((0, 0, 0.0, 1.0), (0, 1, 1.0, 1.0)), 0)
    assert choose_item_weights(held, history=50, say=lambda _: None, deadline=None) == USUAL
