"""Profile: what a user's taste is made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from plait.event_weights import event_weight
from plait.flows.asked import search_weight
from plait.flows.nearest import nearest_items
from plait.flows.recommend import askers, with_searches
from plait.flows.sources import INTERESTS
from plait.live import Live
from plait.moment import Moment
from plait.ranking import RankedItem
from plait.records import SEEN_EXEMPT
from plait.selection import Selection
from ranker.interests import find_interests
from ranker.sides import UserSide

SHOWN = 5


@dataclass(frozen=True, slots=True)
class ProfiledEvent:
    """One recent event: its share of the attention, and what it says by itself."""

    item_id: str
    event: str
    attention: float
    weight: float


@dataclass(frozen=True, slots=True)
class ProfiledSearch:
    """One recent search: its share of the attention, and what a search says by itself."""

    query: str
    attention: float
    weight: float


@dataclass(frozen=True, slots=True)
class Profile:
    """A user's recent events newest first, the interests they fall into, and the items nearest to their taste.

    `queries` are what they searched for of late, newest first, where the workspace can read it.
    """

    user_id: str
    events: int
    recent: tuple[ProfiledEvent, ...]
    interests: tuple[tuple[str, ...], ...]
    nearest: tuple[RankedItem, ...]
    notes: tuple[str, ...] = ()
    queries: tuple[ProfiledSearch, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the profile as `--json` prints it; `queries` is there where there are any."""
        names = ("item_id", "event", "attention", "weight")
        asked = [{"query": one.query, "attention": one.attention, "weight": one.weight} for one in self.queries]
        told = {
            "user_id": self.user_id,
            "events": self.events,
            "recent": [{name: getattr(event, name) for name in names} for event in self.recent],
            "interests": [{"items": list(items)} for items in self.interests],
            "nearest": [{"item_id": item.item_id, "score": item.score} for item in self.nearest],
        }
        return told | ({"queries": asked} if asked else {})


def profile(live: Live, user_id: str, *, limit: int = 10) -> Profile:
    """Return the profile of a user; an unknown one has an empty profile and a note."""
    moment = live.refresh()
    selection = Selection(limit)
    who = askers(live, [user_id], so="nothing is known of their taste")[0]
    users, shares = with_searches(moment, [who])
    counted = live.workspace.store.event_count(user_id)
    told = [e for e in who.events if e.event not in SEEN_EXEMPT and moment.index.rows([e.item_id])[0] >= 0]
    config = live.workspace.config.events
    weight = search_weight(config)
    queries = tuple(
        ProfiledSearch(one.query, share, weight) for one, share in zip(who.searches, shares[0].tolist(), strict=False)
    )
    attention = users.profiles.attention[0].tolist()
    recent = tuple(
        ProfiledEvent(event.item_id, event.event, share, event_weight(event.event, event.value, config))
        for event, share in zip(reversed(told), attention, strict=False)
    )
    nearest: tuple[RankedItem, ...] = ()
    if users.profiles.vectors.any():
        query = moment.fusion.as_query(users.profiles.vectors)
        nearest = nearest_items(moment, query, selection)[0]
    notes = (*moment.notes, *who.notes)
    return Profile(user_id, counted, recent, _interests(moment, users), nearest, notes, queries)


def _interests(moment: Moment, users: UserSide) -> tuple[tuple[str, ...], ...]:
    """Return the most attended items of each interest of one user, each item once."""
    attention, rows = users.profiles.attention, users.recent.items[0]
    members = find_interests(attention, users.history, INTERESTS).members[0]
    groups = []
    for place in range(INTERESTS):
        mine = np.flatnonzero(members == place)
        best = mine[np.argsort(-attention[0, mine], kind="stable")]
        if len(best):
            groups.append(tuple(dict.fromkeys(moment.index.item_ids(rows[best])))[:SHOWN])
    return tuple(groups)
