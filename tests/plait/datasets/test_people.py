"""Listeners: tastes are shares, communities show in homes, ages and friends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.datasets import strengths as s
from plait.datasets.families import FAMILIES
from plait.datasets.people import HOMES, People, gather_people


@pytest.fixture(scope="module")
def crowd() -> People:
    return gather_people(2_000, np.random.default_rng(1))


@settings(deadline=None, max_examples=25)
@given(count=st.integers(1, 60), seed=st.integers(0, 999))
def test_any_crowd_is_sound(count: int, seed: int) -> None:
    people = gather_people(count, np.random.default_rng(seed))
    assert len(people) == len(set(people.user_ids)) == count
    for shares in (people.tastes, people.earlier):
        assert shares.shape == (count, len(FAMILIES))
        assert (shares > 0).all()
        assert shares.sum(axis=1) == pytest.approx(np.ones(count))
    assert people.leanings.shape == (count, 2)
    assert set(people.homes.tolist()) <= set(range(len(HOMES)))
    assert 16 <= people.ages.min() <= people.ages.max() <= 90
    assert all(0 <= one < count and 0 <= other < count and one != other for one, other in people.friends)
    assert len(set(people.friends)) == len(people.friends)


def test_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="listeners is 0; expected at least 1"):
        gather_people(0, np.random.default_rng(0))


def test_drifters_and_nobody_else_change_their_taste(crowd: People) -> None:
    changed = (crowd.tastes != crowd.earlier).any(axis=1)
    assert np.array_equal(changed, crowd.drifters)
    assert changed.mean() == pytest.approx(s.DRIFTERS, abs=0.02)


def test_every_family_has_favourers(crowd: People) -> None:
    mean = crowd.earlier.mean(axis=0)
    assert mean.min() > 0.3 / len(FAMILIES)
    assert mean.max() < 3 / len(FAMILIES)


def test_a_taste_is_mostly_of_few_families(crowd: People) -> None:
    top = np.sort(crowd.tastes, axis=1)[:, -3:].sum(axis=1)
    assert np.median(top) > 0.75


def test_friends_are_mostly_of_one_community_and_of_like_taste(crowd: People) -> None:
    one, other = np.array(crowd.friends).T
    same = (crowd.communities[one] == crowd.communities[other]).mean()
    expected = s.HOMOPHILY + (1 - s.HOMOPHILY) / s.COMMUNITIES
    assert same == pytest.approx(expected, abs=0.02)
    shuffled = np.random.default_rng(0).permutation(other)
    near = (crowd.earlier[one] * crowd.earlier[other]).sum(axis=1).mean()
    far = (crowd.earlier[one] * crowd.earlier[shuffled]).sum(axis=1).mean()
    assert near > 1.5 * far


def test_homes_say_something_of_the_community(crowd: People) -> None:
    at_home = (crowd.homes == crowd.communities % len(HOMES)).mean()
    assert at_home == pytest.approx(s.HOME_TRUTH + (1 - s.HOME_TRUTH) / len(HOMES), abs=0.03)


def test_who_leans_to_a_quick_pace_is_younger(crowd: People) -> None:
    assert -0.9 < np.corrcoef(crowd.leanings[:, 0], crowd.ages)[0, 1] < -0.4
