"""From the works, the people and the log to the plan: what was planted, told by ids and names."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plait.datasets.choice import liking
from plait.datasets.families import FAMILIES
from plait.datasets.listening import Log
from plait.datasets.people import People
from plait.datasets.plan import Debut, StudioPlan
from plait.datasets.strengths import DEBUT_AUDIENCE, DEBUTS
from plait.datasets.words import make_description
from plait.datasets.works import Works

DECIMALS = 6


def plan_of(works: Works, people: People, log: Log, *, bots: Sequence[str], debuts: Mapping[str, Debut]) -> StudioPlan:
    """Return the plan: rows become ids, rows of FAMILIES names, numbers are rounded to DECIMALS."""
    items, users = works.item_ids, people.user_ids
    return StudioPlan(
        families=_names(items, works.families),
        told=_names(items, works.told, having=works.worded),
        shown=_names(items, works.shown, having=works.covered),
        heard=_names(items, works.heard, having=works.sounding),
        traits=_numbers(items, works.traits),
        popularity=dict(zip(items, works.popularity.tolist(), strict=True)),
        tastes=_numbers(users, people.tastes),
        leanings=_numbers(users, people.leanings),
        communities=dict(zip(users, people.communities.tolist(), strict=True)),
        drifters=[users[row] for row in np.flatnonzero(people.drifters).tolist()],
        hidden={user: item for user, (item, _) in log.hidden.items()},
        hidden_at={user: moment for user, (_, moment) in log.hidden.items()},
        pending=dict(log.pending),
        series=[(items[first], items[then]) for first, then in works.series],
        bundles=[(items[first], items[then]) for first, then in works.bundles],
        seasonal=[items[row] for row in works.seasonal.tolist()],
        friends=[(users[one], users[other]) for one, other in people.friends],
        bots=list(bots),
        picture_only=[items[row] for row in np.flatnonzero(~works.worded & works.covered).tolist()],
        sound_only=[items[row] for row in np.flatnonzero(~works.worded & works.sounding).tolist()],
        queries=[(words, family.name) for family in FAMILIES for words in family.asked],
        debuts=dict(debuts),
    )


def make_debuts(people: People, rng: Generator) -> dict[str, Debut]:
    """Return new items, DEBUTS of each family, each with the listeners whom it would please, drawn by liking."""
    size = max(1, round(DEBUT_AUDIENCE * len(people)))
    debuts = {}
    for number in range(DEBUTS * len(FAMILIES)):
        family = number % len(FAMILIES)
        pace, light = rng.normal(0.0, 1.0, 2).tolist()
        cares = liking(people.tastes, people.leanings, np.array([family]), np.array([[pace, light]]))[:, 0]
        pleased = np.sort(rng.choice(len(people), size, replace=False, p=cares / cares.sum()))
        debuts[f"new{number:02d}"] = Debut(
            family=FAMILIES[family].name,
            traits=[round(pace, DECIMALS), round(light, DECIMALS)],
            description=make_description(family, (pace, light), rng),
            audience=[people.user_ids[row] for row in pleased.tolist()],
        )
    return debuts


def _names(
    ids: Sequence[str], families: NDArray[np.int64], *, having: NDArray[np.bool_] | None = None
) -> dict[str, str]:
    rows = range(len(ids)) if having is None else np.flatnonzero(having).tolist()
    return {ids[row]: FAMILIES[families[row]].name for row in rows}


def _numbers(ids: Sequence[str], table: NDArray[np.float64]) -> dict[str, list[float]]:
    return dict(zip(ids, np.round(table, DECIMALS).tolist(), strict=True))
