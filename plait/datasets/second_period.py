"""A second period of the studio catalogue's listeners, in which they go on as they were, or have swapped tastes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from plait.datasets.choice import DAY, DAYS
from plait.datasets.listening import Event, by_time, live
from plait.datasets.people import People, gather_people
from plait.datasets.studio import PEOPLE, WORKS
from plait.datasets.works import plan_works

SECOND = 8
"""Stream of random numbers of the second period, beside those of `write_studio`."""
BEGIN = DAYS * DAY
"""Seconds between the first period's begin and the second's."""


def second_period(*, seed: int = 7, items: int = 360, listeners: int = 500, swapped: bool) -> list[Event]:
    """Return the events of a second period, as long as the first, of the catalogue that `write_studio` writes.

    Its events come after all of the first period, by time, and nothing is held back. With `swapped` each community has
    the tastes of another one; otherwise everybody likes what they liked at the end of the first period. The same
    numbers give the same events. Raises ValueError as `write_studio` does.
    """
    works = plan_works(items, np.random.default_rng([seed, WORKS]))
    people = gather_people(listeners, np.random.default_rng([seed, PEOPLE]))
    rng = np.random.default_rng([seed, SECOND])
    now = swap_tastes(people, rng) if swapped else replace(people, earlier=people.tastes)
    events = [
        (user_id, works.item_ids[deed.row], deed.moment + BEGIN, deed.event, deed.value)
        for user_id, lived in live(works, now, rng)
        for deed in lived
    ]
    return sorted(events, key=by_time)


def swap_tastes(people: People, rng: Generator) -> People:
    """Return listeners who have, from the beginning, taste and leanings of a drawn listener of the next community.

    The next community is the next one that has a listener; where there is one community only, it is that one.
    """
    there = np.unique(people.communities)
    heirs = np.empty(len(people), dtype=np.int64)
    for community, following in zip(there, np.roll(there, -1), strict=True):
        mine = np.flatnonzero(people.communities == community)
        heirs[mine] = rng.choice(_of(people, int(following)), len(mine))
    tastes = people.tastes[heirs]
    return replace(people, tastes=tastes, earlier=tastes, leanings=people.leanings[heirs])


def _of(people: People, community: int) -> Sequence[int]:
    """Return the rows of a community's listeners."""
    rows: list[int] = np.flatnonzero(people.communities == community).tolist()
    return rows
