"""The oracle of the studio catalogue: it knows the plan, but not what chance has done."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from plait.datasets import strengths as s
from plait.datasets.choice import chance_of_liking, liking, seasoned
from plait.datasets.families import FAMILIES
from plait.datasets.plan import StudioPlan

NAMES = [family.name for family in FAMILIES]


def by_family(plan: StudioPlan, family: str) -> list[str]:
    """Return all items, the likeliest of the family first, judged by what an item tells, shows and sounds like."""
    chances = family_beliefs(plan)[:, NAMES.index(family)]
    return _descending(list(plan.families), chances)


def alike(plan: StudioPlan, item_id: str) -> list[str]:
    """Return all other items, the likeliest to be of the same family as `item_id` first."""
    items, beliefs = list(plan.families), family_beliefs(plan)
    return [item for item in _descending(items, beliefs @ beliefs[items.index(item_id)]) if item != item_id]


def family_beliefs(plan: StudioPlan) -> NDArray[np.float64]:
    """Return (items, families): the posterior of each item's family by Bayes' rule, from the strands it has.

    Each strand names the right family with the chance 1 - stray, and every other one with an equal share of stray;
    before that all families are equally likely.
    """
    items = list(plan.families)
    beliefs = np.ones((len(items), len(NAMES)))
    strands = ((plan.told, s.STRAY_WORDS), (plan.shown, s.STRAY_PICTURE), (plan.heard, s.STRAY_SOUND))
    for named, stray in strands:
        for row, item in enumerate(items):
            if item in named:
                said = np.arange(len(NAMES)) == NAMES.index(named[item])
                beliefs[row] *= np.where(said, 1 - stray, stray / (len(NAMES) - 1))
    return np.asarray(beliefs / beliefs.sum(axis=1, keepdims=True))


def audience(plan: StudioPlan, debut_id: str) -> list[str]:
    """Return all listeners, those whom the new item would please most first."""
    debut = plan.debuts[debut_id]
    cares = liking(
        np.array(list(plan.tastes.values())), np.array(list(plan.leanings.values())),
        np.array([NAMES.index(debut.family)]), np.array([debut.traits]),
    )  # fmt: skip
    return _descending(list(plan.tastes), cares[:, 0])


def next_liked(plan: StudioPlan, user_id: str, *, seen: Collection[str]) -> list[str]:
    """Return the items not `seen`, the likeliest to be what the listener likes next first."""
    items = list(plan.families)
    rows = {item: row for row, item in enumerate(items)}
    chances = chances_at(plan, [user_id], plan.hidden_at[user_id])[0]
    if user_id in plan.pending:
        follows = dict([*plan.series, *plan.bundles])
        chances *= 1 - s.NEXT
        chances[rows[follows[plan.pending[user_id]]]] += s.NEXT * s.LIKED
    return [item for item in _descending(items, chances) if item not in seen]


def chances_at(plan: StudioPlan, user_ids: Sequence[str], moment: int) -> NDArray[np.float64]:
    """Return (m, items) the chance that what each listener chooses at a moment is this item and pleases."""
    families = np.array([NAMES.index(family) for family in plan.families.values()])
    tastes, leanings = (np.array([table[user] for user in user_ids]) for table in (plan.tastes, plan.leanings))
    seasonal = np.flatnonzero(np.isin(list(plan.families), list(plan.seasonal)))
    popularity = seasoned(np.array(list(plan.popularity.values())), seasonal, moment)
    cares = liking(tastes, leanings, families, np.array(list(plan.traits.values())))
    return np.array([chance_of_liking(popularity, each) for each in cares])


def by_friends(plan: StudioPlan, user_ids: Sequence[str], moment: int) -> NDArray[np.float64]:
    """Return (m, items) the same of listeners of whom nothing is known but their friends' communities.

    By Bayes' rule a friend's community is the listener's with the chance HOMOPHILY, and otherwise anybody's; a
    community likes what its members like in the mean.
    """
    everybody = list(plan.communities)
    circles = np.array(list(plan.communities.values()))
    sizes = np.bincount(circles, minlength=s.COMMUNITIES) / len(circles)
    beliefs = np.tile(sizes, (len(user_ids), 1))
    rows = {user: row for row, user in enumerate(user_ids)}
    for user, friend in plan.friends:
        if user in rows:
            theirs = plan.communities[friend]
            told = s.HOMOPHILY * (np.arange(s.COMMUNITIES) == theirs) + (1 - s.HOMOPHILY) * sizes[theirs]
            beliefs[rows[user]] *= told
    beliefs /= beliefs.sum(axis=1, keepdims=True)
    chances = chances_at(plan, everybody, moment)
    usual = [
        chances[circles == one].mean(axis=0) if sizes[one] else chances.mean(axis=0) for one in range(s.COMMUNITIES)
    ]
    return np.asarray(beliefs @ np.array(usual))


def _descending(ids: list[str], worth: NDArray[np.float64]) -> list[str]:
    """Return the ids by worth; equals in the order of the file, which says nothing of what they are."""
    return [ids[row] for row in np.argsort(-worth, kind="stable").tolist()]
