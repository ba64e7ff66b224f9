"""The second period: who goes on likes what they liked, who has swapped tastes what the next community likes."""

from collections import Counter

import numpy as np
import pytest

from plait.datasets.choice import DAY, DAYS, START
from plait.datasets.families import FAMILIES
from plait.datasets.listening import LIKES
from plait.datasets.people import gather_people
from plait.datasets.second_period import second_period, swap_tastes
from plait.datasets.studio import PEOPLE, WORKS
from plait.datasets.works import plan_works

SEED, LISTENERS = 11, 300


@pytest.mark.parametrize("swapped", [False, True])
def test_it_follows_the_first_and_is_drawn_again_alike(swapped: bool) -> None:
    events = second_period(seed=SEED, listeners=40, swapped=swapped)
    moments = [event[2] for event in events]
    assert moments == sorted(moments)
    assert START + DAYS * DAY <= moments[0] <= moments[-1] < START + 2 * DAYS * DAY
    assert events == second_period(seed=SEED, listeners=40, swapped=swapped)
    assert events != second_period(seed=SEED, listeners=40, swapped=not swapped)


def test_everybody_has_the_taste_of_somebody_of_the_next_community() -> None:
    people = gather_people(200, np.random.default_rng(3))
    swapped = swap_tastes(people, np.random.default_rng(4))
    there = np.unique(people.communities).tolist()
    for row, taste in enumerate(swapped.tastes):
        heirs = np.flatnonzero((people.tastes == taste).all(axis=1))
        following = there[(there.index(people.communities[row]) + 1) % len(there)]
        assert following in people.communities[heirs]
    np.testing.assert_array_equal(swapped.earlier, swapped.tastes)


def test_one_listener_keeps_the_taste_of_the_one_community() -> None:
    people = gather_people(1, np.random.default_rng(3))
    np.testing.assert_array_equal(swap_tastes(people, np.random.default_rng(4)).tastes, people.tastes)


@pytest.mark.parametrize(("swapped", "agrees"), [(False, True), (True, False)])
def test_what_is_liked_is_of_the_tastes_planted_only_without_a_swap(swapped: bool, agrees: bool) -> None:
    works = plan_works(360, np.random.default_rng([SEED, WORKS]))
    people = gather_people(LISTENERS, np.random.default_rng([SEED, PEOPLE]))
    tastes = dict(zip(people.user_ids, people.tastes, strict=True))
    families = dict(zip(works.item_ids, works.families.tolist(), strict=True))
    shares = [
        tastes[user_id][families[item_id]]
        for user_id, item_id, _, event, _ in second_period(seed=SEED, listeners=LISTENERS, swapped=swapped)
        if event in LIKES
    ]
    # A family taken by chance has the share 1 / families; liking by taste is far above it.
    assert (np.mean(shares) > 2 / len(FAMILIES)) == agrees


def test_it_is_of_the_catalogue_that_is_written() -> None:
    works = plan_works(48, np.random.default_rng([SEED, WORKS]))
    events = second_period(seed=SEED, items=48, listeners=40, swapped=True)
    assert {event[1] for event in events} <= set(works.item_ids)
    assert len(Counter(event[0] for event in events)) == 40
