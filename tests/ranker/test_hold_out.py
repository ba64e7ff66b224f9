"""Holding out: by hand, against a loop, and what must never leak."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker import hold_out as module
from ranker.hold_out import hold_out
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
