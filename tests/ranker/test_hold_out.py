"""Holding out: by hand, against a loop, and what must never leak."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker import hold_out as module
from ranker.hold_out import KNOWN, HeldOut, hold_out, hold_out_users
from ranker.interactions import Interactions
from tests.ranker.logs import log, random_log


def test_the_last_liking_is_the_target_and_what_follows_is_dropped() -> None:
    held = hold_out(log((0, 1, 0.0, 1.0), (0, 2, 1.0, -1.0), (0, 3, 2.0, 1.0), (0, 4, 3.0, -1.0)), 0)
    assert held.users.tolist() == [0]
    assert held.targets.tolist() == [3]
    assert held.histories.items.tolist() == [1, 2]
    assert held.histories.now.tolist() == [2.0]
    assert held.before.items.tolist() == [1, 2]


def test_a_user_without_a_liking_or_a_history_is_learnt_from_and_not_judged() -> None:
    held = hold_out(log((0, 1, 0.0, 1.0), (1, 2, 0.0, -1.0), (1, 3, 1.0, 0.0)), 0)
    assert len(held.targets) == 0
    assert held.before.items.tolist() == [1, 2, 3]


def test_several_likings_each_with_what_came_before_it() -> None:
    events = [(0, item, float(item), 1.0) for item in range(12)]
    held = hold_out(log(*events), 0, likings=2)
    assert held.targets.tolist() == [10, 11]
    assert held.histories.lengths.tolist() == [10, 11]
    assert held.before.items.tolist() == list(range(10))


def test_at_most_a_quarter_of_the_likings_is_hidden() -> None:
    held = hold_out(log(*[(0, item, float(item), 1.0) for item in range(9)]), 0, likings=4)
    assert held.targets.tolist() == [7, 8]


def test_users_are_drawn_by_the_seed_and_the_others_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHOICES", 5)
    interactions = random_log(40, 20, 800)
    draws = [hold_out(interactions, seed).users.tolist() for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    assert len(draws[0]) == 5
    left = hold_out(interactions, 1).before
    undrawn = np.setdiff1d(np.arange(40), draws[0])
    assert np.isin(interactions.users, undrawn).sum() == np.isin(left.users, undrawn).sum()


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_against_a_loop(seed: int, likings: int) -> None:
    interactions = random_log(8, 12, 90, seed=seed)
    held = hold_out(interactions, 0, likings=likings)
    expected, kept = [], []
    for user in range(8):
        mine = np.flatnonzero(interactions.users == user)
        items = interactions.items[mine].tolist()
        liked = [place for place in range(1, len(mine)) if interactions.weights[mine[place]] > 0]
        hidden = liked[-min(likings, max(1, int(len(liked) * 0.25))) :] if liked else []
        expected += [(user, items[place], items[:place]) for place in hidden]
        kept += items[: hidden[0] if hidden else len(mine)]
    offsets = held.histories.offsets
    found = [
        (int(user), int(target), held.histories.items[offsets[row] : offsets[row + 1]].tolist())
        for row, (user, target) in enumerate(zip(held.users, held.targets, strict=True))
    ]
    assert found == expected
    assert held.before.items.tolist() == kept


def test_no_interaction() -> None:
    held = hold_out(log(users=2, items=2), 0)
    assert len(held.targets) == len(held.histories) == len(held.before) == 0


def history_of(held: HeldOut, row: int) -> list[int]:
    return [int(item) for item in held.histories.take(np.asarray([row])).items]


def triples(interactions: Interactions) -> list[tuple[int, int, float]]:
    columns = (interactions.users.tolist(), interactions.items.tolist(), interactions.times.tolist())
    return list(zip(*columns, strict=True))


class TestAny:
    """Likings drawn from anywhere in a history."""

    def test_all_other_events_are_known_and_learnt_from(self) -> None:
        held = hold_out(log((0, 1, 0.0, 1.0), (0, 2, 1.0, -1.0), (0, 3, 2.0, 0.0)), 0, horizon="any")
        assert held.targets.tolist() == [1]
        assert held.histories.items.tolist() == held.before.items.tolist() == [2, 3]
        assert held.met.items.tolist() == [1, 2, 3]

    @given(st.integers(0, 10_000), st.integers(1, 5))
    @settings(max_examples=40, deadline=None)
    def test_against_a_loop(self, seed: int, likings: int) -> None:
        interactions = random_log(8, 12, 90, seed=seed)
        held = hold_out(interactions, seed, likings=likings, horizon="any")
        left = triples(held.before)
        hidden = sorted(set(triples(interactions)) - set(left))
        weights = dict(zip(triples(interactions), interactions.weights.tolist(), strict=True))
        assert all(weights[event] > 0 for event in hidden)
        for user in range(8):
            liked = [event for event in weights if event[0] == user and weights[event] > 0]
            mine = [event for event in hidden if event[0] == user]
            assert len(mine) == (min(likings, max(1, int(len(liked) * 0.25))) if liked else 0)
            rows = np.flatnonzero(held.users == user)
            assert sorted(held.targets[rows].tolist()) == sorted(item for _, item, _ in mine)
            for row in rows.tolist():
                assert history_of(held, row) == [item for owner, item, _ in left if owner == user]

    def test_they_are_drawn_by_the_seed(self) -> None:
        draws = [hold_out(random_log(9, 30, 200), seed, horizon="any").targets.tolist() for seed in (1, 1, 2)]
        assert draws[0] == draws[1] != draws[2]


class TestLater:
    """Everything after one moment is hidden."""

    def test_by_hand(self) -> None:
        """Of ten events the last two are later; one of them is an item met before, and not asked for."""
        events = [(0, item, float(item), 1.0) for item in range(8)]
        held = hold_out(log(*events, (0, 3, 8.0, 1.0), (0, 9, 9.0, 1.0)), 0, likings=4, horizon="later")
        assert held.targets.tolist() == [9]
        assert held.before.items.tolist() == held.histories.items.tolist() == list(range(8))
        assert held.met.items.tolist() == [*range(8), 3, 9]

    @given(st.integers(0, 10_000), st.integers(1, 4))
    @settings(max_examples=40, deadline=None)
    def test_against_a_loop(self, seed: int, likings: int) -> None:
        interactions = random_log(8, 40, 120, seed=seed)
        held = hold_out(interactions, seed, likings=likings, horizon="later")
        moment = np.quantile(interactions.times, 0.8)
        events = list(zip(triples(interactions), interactions.weights.tolist(), strict=True))
        early = [event for event, _ in events if event[2] < moment]
        assert sorted(triples(held.before)) == sorted(early)
        for user in range(8):
            known = [item for owner, item, _ in early if owner == user]
            wanted = [
                item for (owner, item, time), weight in events
                if owner == user and time >= moment and weight > 0 and known and item not in known
            ]  # fmt: skip
            rows = np.flatnonzero(held.users == user)
            found = held.targets[rows].tolist()
            assert len(found) == min(likings, len(wanted))
            assert all(found.count(item) <= wanted.count(item) for item in found)
            assert all(history_of(held, row) == known for row in rows.tolist())


class TestUsers:
    """Some users hidden whole."""

    def test_by_hand(self) -> None:
        """Everybody has 24 events; of the one drawn of twelve, the four after the twentieth are asked for."""
        events = [(user, item, float(item), 1.0) for user in range(12) for item in range(24)]
        held, rest = hold_out_users(log(*events), 0)
        user = int(held.users[0])
        assert set(held.users.tolist()) == {user}
        # Too few have more than twenty events for that to be asked of all: what comes after the known ones is.
        assert sorted(set(held.histories.lengths.tolist())) == sorted(KNOWN)
        assert rest is held.before
        assert set(rest.users.tolist()) == set(range(12)) - {user}

    def test_targets_are_far_from_the_first_events_where_many_have_so_many(self) -> None:
        events = [(user, item, float(item), 1.0) for user in range(100) for item in range(24)]
        held, _ = hold_out_users(log(*events), 0)
        assert len(np.unique(held.users)) == 10
        assert set(held.targets.tolist()) == {20, 21, 22, 23}
        assert len(held.targets) == 10 * len(KNOWN) * 4

    @given(st.integers(0, 10_000), st.integers(1, 8))
    @settings(max_examples=30, deadline=None)
    def test_against_a_loop(self, seed: int, likings: int) -> None:
        interactions = random_log(20, 15, 300, seed=seed)
        held, rest = hold_out_users(interactions, seed, likings=likings)
        hidden = set(interactions.users.tolist()) - set(rest.users.tolist())
        able = sum((interactions.weights[interactions.users == user][1:] > 0).any() for user in range(20))
        assert len(hidden) == int(0.1 * able)
        assert set(held.users.tolist()) <= hidden  # who likes nothing new later cannot be asked
        kept = ~np.isin(interactions.users, list(hidden))
        assert sorted(triples(rest)) == sorted(
            event for event, stays in zip(triples(interactions), kept.tolist(), strict=True) if stays
        )
        expected: dict[tuple[int, int], list[int]] = {}
        for user in hidden:
            mine = np.flatnonzero(interactions.users == user)
            items, weights = interactions.items[mine].tolist(), interactions.weights[mine]
            for known in KNOWN:
                later = [items[k] for k in range(known, len(items)) if weights[k] > 0 and items[k] not in items[:known]]
                expected[user, known] = later
        for row, (user, target) in enumerate(zip(held.users.tolist(), held.targets.tolist(), strict=True)):
            known = int(held.histories.lengths[row])
            items = interactions.items[interactions.users == user].tolist()
            assert history_of(held, row) == items[:known]
            assert target in expected[user, known]
            assert held.met.take(np.asarray([row])).items.tolist() == items
        for (user, known), later in expected.items():
            count = int(((held.users == user) & (held.histories.lengths == known)).sum())
            assert count == min(likings, len(later))

    def test_nobody_is_able(self) -> None:
        held, rest = hold_out_users(log((0, 1, 0.0, 1.0), (1, 2, 0.0, 1.0)), 0)
        assert len(held.targets) == len(held.histories) == 0
        assert len(rest) == 2

    def test_they_are_drawn_by_the_seed(self) -> None:
        draws = [hold_out_users(random_log(40, 30, 900), seed)[0] for seed in (1, 1, 2)]
        assert draws[0].users.tolist() == draws[1].users.tolist() != draws[2].users.tolist()
        assert draws[0].targets.tolist() == draws[1].targets.tolist()


@pytest.mark.parametrize("horizon", module.HORIZONS)
def test_nothing_of_a_hidden_liking_is_left(horizon: module.Horizon) -> None:
    """Each user meets each item at most once, so that a target in `before` or a history is a leak."""
    rng = np.random.default_rng(0)
    events = [
        (u, int(i), rng.random(), float(rng.choice([-1, 1]))) for u in range(30) for i in rng.permutation(40)[:20]
    ]
    held = hold_out(log(*events, users=30, items=40), 0, likings=4, horizon=horizon)
    assert len(held.targets) > 30
    left = set(zip(held.before.users.tolist(), held.before.items.tolist(), strict=True))
    for row, (user, target) in enumerate(zip(held.users.tolist(), held.targets.tolist(), strict=True)):
        assert (user, target) not in left
        assert target not in history_of(held, row)
