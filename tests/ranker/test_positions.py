"""Positions: what came before each liking, against a loop."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.positions import likings
from tests.ranker.logs import log, random_log


@given(st.integers(0, 10_000), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_against_a_loop(seed: int, limit: int) -> None:
    told = random_log(3, 5, 30, seed=seed)
    found = likings(told, most=1_000, seed=0)
    recent, place = found.before(np.arange(len(found)), limit), 0
    for user in range(3):
        mine = [row for row in range(30) if told.users[row] == user]
        for count, row in enumerate(mine):
            if not count or told.weights[row] <= 0:
                continue
            earlier = mine[:count][::-1][:limit]
            used = recent.used[place]
            assert found.targets[place] == told.items[row]
            assert recent.items[place, used].tolist() == told.items[earlier].tolist()
            assert recent.weights[place, used].tolist() == told.weights[earlier].tolist()
            assert recent.ages[place, used].tolist() == (told.times[row] - told.times[earlier]).tolist()
            place += 1
    assert place == len(found)


def test_as_many_as_asked_for() -> None:
    told = random_log(4, 5, 80)
    some, others = (likings(told, most=7, seed=seed) for seed in (1, 2))
    assert len(some) == len(others) == 7
    assert (np.diff(some.entries) > 0).all()
    assert some.entries.tolist() != others.entries.tolist()
    assert some.entries.tolist() == likings(told, most=7, seed=1).entries.tolist()


def test_first_likings_have_nothing_before_them() -> None:
    assert not len(likings(log((0, 0, 1.0, 1.0), (1, 0, 2.0, 1.0)), most=5, seed=0))
    assert likings(log((0, 0, 1.0, 1.0)), most=5, seed=0).before(np.empty(0, np.int64), 3).items.shape == (0, 0)
