"""Drift: hand-computed bets, a plain reference, the false alarms that are stated, and how soon a change is found."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.drift import STAKES, alarm, capital, p_values, shares_above

numbers = st.lists(st.integers(0, 5).map(float), max_size=40)


def test_p_values_by_hand() -> None:
    draws = np.random.default_rng(3).random(4)
    found = list(p_values([0.5, 0.7, 0.2, 0.7], np.random.default_rng(3)))
    # Of 1, none larger; of 2, none; of 3, two larger; of 4, none larger and two alike.
    assert found == pytest.approx([draws[0], draws[1] / 2, (2 + draws[2]) / 3, 2 * draws[3] / 4])


@given(numbers, st.integers(0, 9))
def test_p_values_are_those_of_a_plain_count(stream: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    slow = []
    for place, number in enumerate(stream, start=1):
        larger, alike = (sum(test) for test in zip(*((o > number, o == number) for o in stream[:place]), strict=True))
        slow.append((larger + rng.random() * alike) / place)
    assert list(p_values(stream, np.random.default_rng(seed))) == pytest.approx(slow)


def test_capital_by_hand() -> None:
    won = list(capital([0.0, 0.25]))
    first = sum(1 / 8 * (1 + stake / 2) for stake in STAKES)
    assert won[0] == pytest.approx(1 / 2 + first)
    # Half of what was kept had been placed; a third of the rest joins it.
    second = sum((1 / 8 * (1 + stake / 2) + 1 / 24) * (1 + stake / 4) for stake in STAKES)
    assert won[1] == pytest.approx(1 / 3 + second)


@given(st.lists(st.floats(0, 1), max_size=60))
def test_the_mean_over_the_next_p_value_is_what_there_was(chances: list[float]) -> None:
    """A martingale: 1 + stake (1/2 - p) is linear in p, so that two points as far from 1/2 have its mean."""
    now = [1.0, *capital(chances)][-1]
    next_ones = [[*capital([*chances, chance])][-1] for chance in (0.1, 0.9)]
    assert np.mean(next_ones) == pytest.approx(now)
    assert min(next_ones) > 0


@given(numbers, numbers, st.integers(0, 9))
def test_an_alarm_stands_whatever_comes_later(stream: list[float], more: list[float], seed: int) -> None:
    before = alarm(stream, false_alarms=0.3, seed=seed)
    after = alarm([*stream, *more], false_alarms=0.3, seed=seed)
    if before is not None:
        assert after == before
    elif after is not None:
        assert after > len(stream)


def test_false_alarms_are_no_more_than_stated() -> None:
    """1,500 streams of 300: the share that ever cry is below the one stated, and not by everybody being deaf."""
    rng, stated = np.random.default_rng(5), 0.1
    cried = [alarm(rng.random(300).tolist(), false_alarms=stated, seed=seed) is not None for seed in range(1_500)]
    # 0.1 and three deviations of a share of 1,500 draws.
    assert 0.005 < np.mean(cried) < stated + 3 * np.sqrt(stated * (1 - stated) / 1_500)


@pytest.mark.parametrize("draw", ["ties", "skewed"])
def test_false_alarms_of_any_distribution(draw: str) -> None:
    rng, stated = np.random.default_rng(6), 0.1
    streams = rng.integers(0, 3, (600, 200)) if draw == "ties" else rng.pareto(1.0, (600, 200))
    cried = [alarm(one.tolist(), false_alarms=stated, seed=seed) is not None for seed, one in enumerate(streams)]
    assert np.mean(cried) < stated + 3 * np.sqrt(stated * (1 - stated) / 600)


@pytest.mark.parametrize(("power", "most"), [(0.25, 60), (0.5, 160)])
def test_a_change_for_the_worse_is_found_soon(power: float, most: int) -> None:
    """Ranks that are even, and then for ever nearer to the last: u ** power, whose mean is 1 / (1 + power)."""
    delays = []
    for seed in range(100):
        rng = np.random.default_rng([7, seed])
        found = alarm([*rng.random(300), *rng.random(600) ** power], false_alarms=0.01, seed=seed)
        assert found is not None
        delays.append(found - 300)
    assert 0 < np.median(delays) < most
    # A bolder statement costs time: its alarm is never earlier.
    strict = alarm([*rng.random(300), *rng.random(600) ** power], false_alarms=0.001, seed=0)
    assert strict is None or strict > 300


def test_a_change_for_the_better_is_none() -> None:
    rng = np.random.default_rng(8)
    cried = [
        alarm([*rng.random(200), *rng.random(400) ** 4], false_alarms=0.1, seed=seed) is not None for seed in range(100)
    ]
    assert np.mean(cried) < 0.2


def test_later_alarms_where_fewer_may_be_false() -> None:
    stream = [*np.random.default_rng(9).random(100), *[0.999 + place * 1e-6 for place in range(100)]]
    found = [alarm(stream, false_alarms=chance, seed=0) for chance in (0.5, 0.1, 0.01, 0.001)]
    assert None not in found
    assert all(first <= second for first, second in pairwise(map(int, filter(None, found))))


@pytest.mark.parametrize("chance", [0.0, 1.0, -0.1])
def test_a_chance_that_is_none(chance: float) -> None:
    with pytest.raises(ValueError, match="false_alarms is"):
        alarm([0.1], false_alarms=chance, seed=0)


def test_shares_above_by_hand() -> None:
    found = shares_above(np.array([1.0, 3.0]), np.array([[2.0, 1.0, 0.0, 5.0], [1.0, 2.0, 0.0, 1.0]]))
    assert found.tolist() == [0.625, 0.0]
    assert np.isnan(shares_above(np.array([1.0]), np.empty((1, 0)))).all()
