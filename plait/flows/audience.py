"""Audience: the users whom an item suits best, and who have not met it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plait.errors import WrongCall
from plait.flows.recommend import askers, sigmoid, user_side
from plait.live import Live
from plait.moment import Moment
from plait.selection import Selection
from ranker.rank import PART_NAMES, Scored
from ranker.sides import UserSide

USERS_AT_ONCE = 256
MOST_USERS = 20_000
"""Users who are looked through for the audience, in the order of their ids."""

Score = Callable[[UserSide], Scored]
"""Scores one item for m users: parts (m, 1, names) and logits (m, 1)."""


@dataclass(frozen=True, slots=True)
class Suited:
    """A user whom the item suits; `score = sigmoid(sum of parts)`."""

    user_id: str
    score: float
    parts: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the user as `--json` shows it."""
        return {"user_id": self.user_id, "score": self.score, "parts": dict(self.parts)}


@dataclass(frozen=True, slots=True)
class Audience:
    """The users whom an item of the catalogue suits, best first, without who has met it."""

    item_id: str
    users: tuple[Suited, ...]
    model: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as `--json` prints it."""
        users = [user.to_json() for user in self.users]
        return {"item_id": self.item_id, "audience": users, "model": self.model, "notes": list(self.notes)}


def audience(live: Live, item_id: str, selection: Selection) -> Audience:
    """Return the audience of an item, by the scores that would recommend it. Raises WrongCall for an unknown item."""
    moment = live.refresh()
    row = moment.index.rows([item_id])
    if row[0] < 0:
        raise WrongCall(f"item {item_id!r} is not in the catalogue")
    vector = moment.index.vectors(row)[None]

    def score(users: UserSide) -> Scored:
        return moment.models.ranker.score(users, moment.items, np.tile(row, (len(users), 1)), vector)

    return Audience(item_id, suited(moment, score, selection, met=item_id), moment.name, moment.notes)


def suited(moment: Moment, score: Score, selection: Selection, *, met: str = "") -> tuple[Suited, ...]:
    """Return the users with the highest scores, equal ones by id; who has seen the item `met` is left out."""
    found: list[Suited] = []
    user_ids = moment.live.workspace.store.user_ids()[:MOST_USERS]
    for start in range(0, len(user_ids), USERS_AT_ONCE):
        # Without their searches: to encode those of everybody would take minutes.
        there = askers(moment.live, user_ids[start : start + USERS_AT_ONCE])
        asked = [replace(who, searches=()) for who in there if met not in who.seen]
        if not asked:
            continue
        scored = score(user_side(moment, asked))
        scores = sigmoid(scored.logits[:, 0])
        for who, value, parts in zip(asked, scores.tolist(), scored.parts[:, 0].tolist(), strict=True):
            found.append(Suited(who.user_id, value, dict(zip(PART_NAMES, parts, strict=True))))
    found.sort(key=lambda user: (-user.score, user.user_id))
    return tuple(found[selection.offset : selection.depth])
