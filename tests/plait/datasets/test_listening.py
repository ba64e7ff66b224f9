"""The log: what is planted shows in it, at the strength that is documented."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from plait.datasets import strengths as s
from plait.datasets.choice import DAY, DAYS, START
from plait.datasets.families import FAMILIES
from plait.datasets.listening import LEAST_KNOWN, LIKES, Event, disturb
from plait.records import Event as Record
from tests.plait.datasets.conftest import Studio, imagine

NAMES = [family.name for family in FAMILIES]


def by_user(events: Sequence[Event]) -> dict[str, list[Event]]:
    histories: dict[str, list[Event]] = {}
    for event in events:
        histories.setdefault(event[0], []).append(event)
    return histories


@pytest.fixture(scope="module")
def histories(studio: Studio) -> dict[str, list[Event]]:
    return by_user(studio.log.events)


def test_events_lie_within_the_log_and_are_sorted(studio: Studio) -> None:
    moments = [event[2] for event in studio.log.events]
    assert moments == sorted(moments)
    assert moments[0] >= START
    assert moments[-1] < START + DAYS * DAY


def test_only_views_have_a_value_and_it_is_a_time(studio: Studio) -> None:
    for _, _, _, event, value in studio.log.events:
        assert (value != "") == (event == "view")
        assert value == "" or float(value) >= 0
    assert {event[3] for event in studio.log.events} == {"view", "click", "skip", *LIKES}


def test_what_pleases_is_looked_at_for_longer(studio: Studio) -> None:
    favourite = {
        user: NAMES[int(taste.argmax())]
        for user, taste in zip(studio.people.user_ids, studio.people.tastes, strict=True)
    }
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for user_id, item_id, _, event, value in studio.log.events:
        if event == "view":
            seconds[studio.plan.families[item_id] == favourite[user_id]].append(float(value))
    assert np.mean(seconds[True]) > 1.25 * np.mean(seconds[False])


def test_a_hidden_event_is_new_and_well_prepared(studio: Studio, histories: dict[str, list[Event]]) -> None:
    assert len(studio.log.hidden) > 0.4 * len(studio.people)
    for user_id, (item_id, moment) in studio.log.hidden.items():
        history = histories[user_id]
        assert len(history) >= LEAST_KNOWN
        assert history[-1][2] <= moment
        assert item_id not in {event[1] for event in history}


def test_listeners_like_what_their_taste_says(studio: Studio) -> None:
    taste = dict(zip(studio.people.user_ids, studio.people.tastes, strict=True))
    shares = [taste[user][NAMES.index(studio.plan.families[item])] for user, item in studio.plan.hidden.items()]
    assert np.mean(shares) > 4 / len(FAMILIES)


def test_drifters_turn_to_their_new_taste_half_way(studio: Studio, histories: dict[str, list[Event]]) -> None:
    people, plan = studio.people, studio.plan
    turned = []
    for row in np.flatnonzero(people.drifters).tolist():
        history = histories[people.user_ids[row]]
        gain = people.tastes[row] - people.earlier[row]
        rising = [gain[NAMES.index(plan.families[item])] for _, item, *_ in history]
        turned.append(np.mean(rising[len(rising) // 2 :]) - np.mean(rising[: len(rising) // 2]))
    assert len(turned) > 20
    assert np.mean(turned) > 0.2


def test_seasonal_items_belong_to_their_month(studio: Studio) -> None:
    first, end = (START + day * DAY for day in s.SEASON)
    seasonal = [event for event in studio.log.events if event[1] in studio.plan.seasonal]
    inside = sum(first <= event[2] < end for event in seasonal) / len(seasonal)
    assert inside > 0.8
    everything = sum(first <= event[2] < end for event in studio.log.events) / len(studio.log.events)
    assert everything < 0.4


def test_what_follows_follows_in_one_direction_only() -> None:
    forwards = backwards = 0
    for seed in (1, 2, 3):
        told = imagine(seed, items=120, listeners=300)
        pairs = {*told.plan.series, *told.plan.bundles}
        for history in by_user(told.log.events).values():
            steps = [(one[1], two[1]) for one, two in pairwise(history)]
            forwards += sum(step in pairs for step in steps)
            backwards += sum(step[::-1] in pairs for step in steps)
    assert forwards > 100
    assert forwards > 8 * backwards


def test_bundles_are_bought(studio: Studio) -> None:
    bundled = {item for pair in studio.plan.bundles for item in pair}
    liked = Counter(event[3] for event in studio.log.events if event[1] in bundled)
    assert liked["purchase"] > 20
    assert liked["like"] == liked["save"] == 0


def test_the_most_popular_items_are_met_most(studio: Studio) -> None:
    met = Counter(event[1] for event in studio.log.events)
    popular = sorted(studio.plan.popularity, key=lambda item: -studio.plan.popularity[item])
    calm = [item for item in popular if item not in studio.plan.seasonal]
    assert sum(met[item] for item in calm[:36]) > 5 * sum(met[item] for item in calm[-36:])


def test_disturbances_add_bots_and_doubled_rows_and_keep_the_rest(studio: Studio) -> None:
    events, bots = disturb(studio.log, studio.works, np.random.default_rng(0))
    people = [event for event in events if event[0] not in bots]
    added = Counter(people) - Counter(studio.log.events)
    assert set(added.values()) == {1}
    assert set(added) <= set(studio.log.events)
    assert not Counter(studio.log.events) - Counter(people)
    assert len(people) == len(studio.log.events) + s.DOUBLED
    assert len(events) == len(people) + s.BOTS * s.BOT_EVENTS
    assert [event[2] for event in events] == sorted(event[2] for event in events)
    for bot in bots:
        moments = [event[2] for event in events if event[0] == bot]
        assert set(np.diff(moments).tolist()) == {s.BOT_SECONDS}


def test_events_of_people_differ_in_identity(studio: Studio) -> None:
    records = [Record(user, item, at, event) for user, item, at, event, _ in studio.log.events]
    assert len({record.identity for record in records}) == len(records)
