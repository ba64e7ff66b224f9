"""Tastes: what few events say, beside a slow reference, in any order of anything."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.interactions import Floats, Interactions, Rows
from ranker.strongest import strongest
from ranker.taste import Taste
from ranker.taste_fit import BEGINNING, TasteFit, fit_taste
from tests.ranker.logs import log, random_log
from tests.ranker.tastes import SIDES, random_taste, slow_fold, two_sides

TOLERANCE = 1e-4


def expected(taste: Taste, items: list[int], weights: list[float]) -> Floats:
    """Return (n,) what is expected of a user of some events."""
    tastes = taste.fold(np.asarray([items], dtype=np.int64), np.asarray([weights], dtype=np.float32))
    everything = np.arange(len(taste.base))[None, :]
    return np.asarray(taste.expected + taste.score(tastes, everything)[0], dtype=np.float32)


@given(st.lists(st.integers(0, 29), min_size=1, max_size=20, unique=True), st.integers(1, 12), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_fold_is_the_mean_of_the_gaussian(items: list[int], factors: int, seed: int) -> None:
    taste, rng = random_taste(30, factors, seed=seed), np.random.default_rng(seed)
    rows = np.asarray(items, dtype=np.int64)
    weights, start = rng.normal(size=len(items)).astype(np.float32), rng.normal(size=factors).astype(np.float32)
    folded = taste.fold(rows[None], weights[None], start[None])[0]
    np.testing.assert_allclose(folded, slow_fold(taste, rows, weights, start), atol=1e-3)
    order = rng.permutation(len(items))
    np.testing.assert_allclose(taste.fold(rows[None, order], weights[None, order], start[None])[0], folded, atol=1e-5)


def test_a_batch_is_its_members_and_padding_is_nothing() -> None:
    taste = random_taste(9, 3)
    items = np.asarray([[4, 2, -1], [-1, -1, -1], [7, -1, 8]])
    weights = np.asarray([[1.0, -1.0, 9.0], [5.0, 5.0, 5.0], [0.5, 7.0, 0.0]], dtype=np.float32)
    folded = taste.fold(items, weights)
    assert not folded[1].any()
    for user, used in ((0, [0, 1]), (2, [0, 2])):
        alone = taste.fold(items[user][used][None], weights[user][used][None])
        np.testing.assert_allclose(folded[user], alone[0], atol=1e-6)


def test_nobody_known_is_what_is_expected_of_all() -> None:
    taste = random_taste(9, 3)
    np.testing.assert_array_equal(expected(taste, [], []), taste.expected)
    start = np.ones((1, 3), np.float32)
    np.testing.assert_array_equal(taste.fold(np.full((1, 2), -1), np.ones((1, 2), np.float32), start), start)


def test_a_candidate_of_none_has_no_score() -> None:
    taste = random_taste(9, 3)
    scores = taste.score(np.ones((2, 3), np.float32), np.asarray([[1, -1], [-1, 8]]))
    assert scores[0, 1] == scores[1, 0] == 0.0
    assert scores[0, 0] == pytest.approx(taste.answers[1].sum(), abs=1e-5)


def test_the_strongest_event_with_an_item_counts() -> None:
    taste = random_taste(9, 3)
    once = taste.fold(np.asarray([[4, 5]]), np.asarray([[1.0, -0.5]], np.float32))
    for items, weights in (([4, 4, 5], [1.0, 0.2, -0.5]), ([5, 4, 4], [-0.5, -1.0, 1.0])):
        again = taste.fold(np.asarray([items]), np.asarray([weights], np.float32))
        np.testing.assert_allclose(again, once, atol=1e-6)


def test_strongest_of_each_pair() -> None:
    users, items = np.asarray([1, 0, 1, 1, 0]), np.asarray([3, 3, 3, 2, 3])
    weights = np.asarray([0.5, -1.0, -0.7, 0.1, 1.0], dtype=np.float32)
    assert strongest(users, items, weights).tolist() == [4, 3, 2]
    nothing = np.empty(0, dtype=np.int64)
    assert len(strongest(nothing, nothing, nothing.astype(np.float32))) == 0


def test_what_a_user_says_moves_the_side_they_are_on() -> None:
    taste = fit_taste(two_sides(60), factors=4).taste
    for item, mine in ((0, slice(0, SIDES)), (SIDES, slice(SIDES, None))):
        moved = expected(taste, [item], [1.0]) - taste.expected
        assert moved[mine].min() > 0
        assert moved.sum() == pytest.approx(moved[mine].sum() + np.delete(moved, np.arange(24)[mine]).sum(), abs=1e-4)
        assert np.delete(moved, np.arange(24)[mine]).max() < 0
        against = expected(taste, [item], [-1.0]) - taste.expected
        assert against[mine].max() < 0


def test_more_noise_is_less_belief() -> None:
    fit = fit_taste(two_sides(60), factors=4)
    moves = [
        float(
            np.abs(expected(replace(fit.taste, noise=fit.taste.noise * factor), [0], [1.0]) - fit.taste.expected).max()
        )
        for factor in (0.1, 1.0, 10.0)
    ]
    assert moves[0] > moves[1] > moves[2] > 0


def test_base_and_known_by_hand() -> None:
    events = ((0, 0, 1.0, 1.0), (0, 1, 2.0, -1.0), (1, 0, 1.0, 0.5), (3, 0, 1.0, 0.2), (3, 0, 2.0, 1.0))
    fit = fit_taste(log(*events, users=5, items=3))
    assert fit.users.tolist() == [0, 1, 3]
    np.testing.assert_allclose(fit.taste.base, [2.5 / 3, -1 / 3, 0.0], atol=1e-6)
    np.testing.assert_allclose(fit.taste.known, [1.0, 1 / 3, 0.0], atol=1e-6)


def test_expected_counts_what_comes_after_the_beginning() -> None:
    # Everybody meets item 0 first; items 1 and 2 are met by half of the users each, later.
    events = [(user, 0, 0.0, 1.0) for user in range(10)]
    events += [(user, 1 + user % 2, 1.0, 1.0) for user in range(10)]
    taste = fit_taste(log(*sorted(events, key=lambda event: event[2]))).taste
    assert taste.base[0] > taste.base[1] == pytest.approx(0.5)
    assert taste.expected[0] == 0.0
    # Five of ten liked it, and of eleven, one of them made up, all were free to meet it.
    np.testing.assert_allclose(taste.expected[1:], [0.5, 0.5], atol=1e-6)


def test_events_at_one_moment_share_their_place() -> None:
    events = [(user, item, 5.0, 1.0) for user in range(4) for item in range(BEGINNING * 3)]
    assert (fit_taste(log(*events)).taste.expected > 0).all()


@given(st.integers(0, 50))
@settings(max_examples=15, deadline=None)
def test_no_order_of_events_users_or_items_has_a_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    given_log = random_log(25, 15, 160, seed=seed)
    users, items, events = rng.permutation(25), rng.permutation(15), rng.permutation(160)
    moved = Interactions(
        users[given_log.users[events]], items[given_log.items[events]], given_log.times[events],
        given_log.weights[events], 25, 15,
    )  # fmt: skip
    # As many directions as there are: where the last kept and the first dropped are equal, either may be kept.
    plain, turned = (fit_taste(each, factors=40).taste for each in (given_log, moved))
    mine = expected(plain, [3, 7], [1.0, -1.0])
    theirs = expected(turned, items[[3, 7]].tolist(), [1.0, -1.0])
    np.testing.assert_allclose(theirs[items], mine, atol=TOLERANCE)


def test_many_users_by_lanczos_as_by_all_singular_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = random_log(90, 70, 2_500, seed=3)
    plain = fit_taste(interactions, factors=8)
    monkeypatch.setattr("ranker.taste_fit.SMALL", 10)
    quick = fit_taste(interactions, factors=8)
    assert quick.taste.factors == plain.taste.factors == 8
    for seen in ([1], [2, 5, 9]):
        weights = [1.0] * len(seen)
        np.testing.assert_allclose(
            expected(quick.taste, seen, weights), expected(plain.taste, seen, weights), atol=TOLERANCE
        )


@pytest.mark.parametrize(
    "interactions",
    [
        log(users=3, items=4),
        log((0, 0, 1.0, 1.0), items=4),
        log((0, 1, 1.0, -1.0), (1, 1, 1.0, -1.0), (2, 1, 2.0, -1.0), items=4),
        log(users=0, items=0),
    ],
    ids=["nothing", "one event", "all the same", "nobody and no item"],
)
def test_logs_of_next_to_nothing(interactions: Interactions) -> None:
    taste = fit_taste(interactions).taste
    for values in taste.to_arrays().values():
        assert np.isfinite(values).all()
    if interactions.item_count:
        assert np.isfinite(expected(taste, [0, 1], [1.0, -1.0])).all()


def test_arrays_round_trip() -> None:
    taste = random_taste(7, 2)
    again = Taste.from_arrays(taste.to_arrays())
    for name, values in taste.to_arrays().items():
        np.testing.assert_array_equal(again.to_arrays()[name], values)
    with pytest.raises(KeyError):
        Taste.from_arrays({})


def test_take() -> None:
    taste, rows = random_taste(7, 2), np.asarray([5, 0], dtype=np.int64)
    some = taste.take(rows)
    tastes = np.ones((1, 2), np.float32)
    np.testing.assert_allclose(some.score(tastes, np.asarray([[0, 1]])), taste.score(tastes, rows[None]))


def tastes_of(fit: TasteFit, users: Rows) -> Floats:
    return fit.tastes[np.searchsorted(fit.users, users)]


def test_tastes_of_the_training_have_variance_one() -> None:
    fit = fit_taste(random_log(60, 20, 600, seed=1), factors=5)
    np.testing.assert_allclose(fit.tastes.T @ fit.tastes / len(fit.users), np.eye(5), atol=1e-4)
    np.testing.assert_allclose(tastes_of(fit, fit.users).mean(axis=0), np.zeros(5), atol=1e-4)
