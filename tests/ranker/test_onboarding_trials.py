"""Onboarding trials: what a question gains, beside folding the answers in anew."""

import numpy as np
import pytest

from ranker import onboarding_trials
from ranker.interactions import Floats, Interactions
from ranker.metrics import ndcg
from ranker.onboarding_trials import _answers, _Trial, tried_questions
from ranker.taste import Taste
from ranker.taste_fit import fit_taste
from tests.ranker.logs import log, random_log
from tests.ranker.tastes import SIDES, two_sides

ALL = np.ones(2 * SIDES, np.bool_)


def mean_ndcg(taste: Taste, said: Floats, asked: list[int]) -> float:
    """Return NDCG@10 of users who have answered what was `asked`, folded in at once, over all items but those."""
    known = ~np.isnan(said[:, asked])
    items = np.where(known, np.asarray(asked, dtype=np.int64), -1)
    tastes = taste.fold(items, np.nan_to_num(said[:, asked]))
    scores = taste.expected + tastes @ taste.answers.T
    wanted = np.nan_to_num(said) > 0
    scores[:, asked], wanted[:, asked] = -np.inf, False
    first = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    return float(np.nan_to_num(ndcg(np.take_along_axis(wanted, first, axis=1), wanted.sum(axis=1), 10)).mean())


def test_step_by_step_is_all_at_once() -> None:
    interactions = random_log(40, 18, 350, seed=2)
    taste = fit_taste(interactions, factors=6).taste
    said = _answers(taste, interactions)
    trial = _Trial.of(taste, said)
    for item in (3, 11, 7):
        trial.ask(item)
    known = ~np.isnan(said[:, [3, 11, 7]])
    folded = taste.fold(np.where(known, [3, 11, 7], -1), np.nan_to_num(said[:, [3, 11, 7]]))
    np.testing.assert_allclose(trial.tastes, folded, atol=1e-4)


def test_a_gain_is_the_rise_of_ndcg() -> None:
    interactions = random_log(40, 18, 350, seed=2)
    taste = fit_taste(interactions, factors=6).taste
    said = _answers(taste, interactions)
    trial = _Trial.of(taste, said)
    # Asking takes the item out of the ranking: the rise is over a ranking without it.
    without = said.copy()
    without[:, 5] = np.nan
    shy = Taste(taste.base, taste.says, taste.expected.copy(), taste.answers, taste.known, taste.noise)
    shy.expected[5] = -np.inf
    assert trial.gain(5) == pytest.approx(mean_ndcg(taste, said, [5]) - mean_ndcg(shy, without, []), abs=1e-6)


def test_the_first_question_gains_most() -> None:
    interactions = two_sides(60, seed=1)
    taste = fit_taste(interactions, factors=4).taste
    rows, gains = tried_questions(taste, interactions, ALL, 3)
    trial = _Trial.of(taste, _answers(taste, interactions))
    every = [trial.gain(item) for item in range(2 * SIDES)]
    assert gains[0] == pytest.approx(max(every))
    assert every[int(rows[0])] == max(every)
    assert gains[0] > 0.05


def test_behind_what_is_tried_comes_what_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = two_sides(60)
    taste = fit_taste(interactions, factors=4).taste
    monkeypatch.setattr(onboarding_trials, "TRIED", 2)
    rows, gains = tried_questions(taste, interactions, ALL, 9)
    assert len(set(rows.tolist())) == 9
    assert (gains[:2] > 0).all()
    assert not gains[2:].any()


def test_few_or_no_items_are_allowed() -> None:
    interactions = two_sides(40)
    taste = fit_taste(interactions, factors=4).taste
    few = ALL & (np.arange(2 * SIDES) < 2)
    assert sorted(tried_questions(taste, interactions, few, 5)[0].tolist()) == [0, 1]
    rows, gains = tried_questions(taste, interactions, np.zeros_like(ALL), 5)
    assert len(rows) == len(gains) == 0


@pytest.mark.parametrize("weight", [1.0, -1.0, 0.0])
def test_users_who_all_say_the_same(weight: float) -> None:
    events = [(user, item, float(item), weight) for user in range(25) for item in range(6)]
    interactions = log(*sorted(events, key=lambda event: event[2]))
    rows, gains = tried_questions(fit_taste(interactions).taste, interactions, np.ones(6, np.bool_), 3)
    assert np.isfinite(gains).all()
    assert len(rows) in (0, 3)


def test_no_order_of_users_has_a_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onboarding_trials, "MOST_USERS", 20)
    plain = random_log(50, 15, 400, seed=5)
    users = np.random.default_rng(1).permutation(50)
    moved = Interactions(users[plain.users], plain.items, plain.times, plain.weights, 50, 15)
    taste = fit_taste(plain, factors=5).taste
    allowed = np.ones(15, np.bool_)
    first, again = (tried_questions(taste, each, allowed, 4) for each in (plain, moved))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_allclose(first[1], again[1], atol=1e-6)
