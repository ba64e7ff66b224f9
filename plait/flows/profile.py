"""Profile: what a user's taste is made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from plait.event_weights import event_weight
from plait.flows.nearest import nearest_items
from plait.flows.recommend import askers, user_side
from plait.live import Live
from plait.ranking import RankedItem
from plait.records import SEEN_EXEMPT
from plait.selection import Selection

INTERESTS = 3
SHOWN = 5


@dataclass(frozen=True, slots=True)
class ProfiledEvent:
    """One recent event: its share of the attention, and what it says by itself."""

    item_id: str
    event: str
    attention: float
    weight: float


@dataclass(frozen=True, slots=True)
class Profile:
    """A user's recent events newest first, the interests they fall into, and the items nearest to their taste."""

    user_id: str
    events: int
    recent: tuple[ProfiledEvent, ...]
    interests: tuple[tuple[str, ...], ...]
    nearest: tuple[RankedItem, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the profile as `--json` prints it."""
        names = ("item_id", "event", "attention", "weight")
        return {
            "user_id": self.user_id,
            "events": self.events,
            "recent": [{name: getattr(event, name) for name in names} for event in self.recent],
            "interests": [{"items": list(items)} for items in self.interests],
            "nearest": [{"item_id": item.item_id, "score": item.score} for item in self.nearest],
        }


def profile(live: Live, user_id: str, *, limit: int = 10) -> Profile:
    """Return the profile of a user; an unknown one has an empty profile and a note."""
    moment = live.refresh()
    selection = Selection(limit)
    who = askers(live, [user_id])[0]
    users = user_side(moment, [who])
    counted = live.workspace.store.event_count(user_id)
    told = [e for e in who.events if e.event not in SEEN_EXEMPT and moment.index.rows([e.item_id])[0] >= 0]
    config = live.workspace.config.events
    attention = users.profiles.attention[0].tolist()
    recent = tuple(
        ProfiledEvent(event.item_id, event.event, share, event_weight(event.event, event.value, config))
        for event, share in zip(reversed(told), attention, strict=False)
    )
    nearest: tuple[RankedItem, ...] = ()
    if users.profiles.vectors.any():
        query = moment.fusion.as_query(users.profiles.vectors)
        nearest = nearest_items(moment, query, selection)[0]
    interests = _interests(moment.index.vectors(users.recent.items[0]), users.profiles.attention[0], moment, users)
    return Profile(user_id, counted, recent, interests, nearest, who.notes)


def _interests(vectors: np.ndarray, attention: np.ndarray, moment: Any, users: Any) -> tuple[tuple[str, ...], ...]:
    """Return liked items grouped by likeness: each joins the most attended item it is nearest to."""
    liked = np.flatnonzero(attention > 0)
    if not len(liked):
        return ()
    heads = [int(liked[np.argmax(attention[liked])])]
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    while len(heads) < min(INTERESTS, len(liked)):
        # The next head is the attended item least like the heads there are.
        distance = 1.0 - (unit[liked] @ unit[heads].T).max(axis=1)
        heads.append(int(liked[np.argmax(distance * attention[liked])]))
    nearest = (unit[liked] @ unit[heads].T).argmax(axis=1)
    groups = []
    for place in range(len(heads)):
        mine = liked[nearest == place]
        best = mine[np.argsort(-attention[mine], kind="stable")[:SHOWN]]
        if len(best):
            groups.append(tuple(dict.fromkeys(moment.index.item_ids(users.recent.items[0][best]))))
    return tuple(groups)
