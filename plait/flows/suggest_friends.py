"""Suggest friends: whom a user might know or follow, by common friends and alike taste."""

from collections.abc import Mapping, Sequence

import numpy as np

from plait.asked_ids import asked_ids
from plait.flows.users_like import AlikeUser, AlikeUsers, held_tastes
from plait.held_tastes import HeldTastes
from plait.live import Live
from plait.moment import Moment
from plait.selection import Selection
from plait.store.people_reads import PeopleReads
from ranker.circles import MOST_BEYOND, MOST_FRIENDS

COMMON = 0.4
"""What each common friend counts, of a cosine of tastes."""


def suggest_friends(live: Live, user_ids: Sequence[str], selection: Selection) -> list[AlikeUsers]:
    """Return one answer a user, by the limit and the offset of `selection`: users to whom they have no relation yet.

    The score is COMMON * (friends who have them for a friend) + the cosine of tastes by collaborative filtering: the
    parts `friends` and `taste`. Relations are read as the store has them now, the MOST_FRIENDS strongest of the user
    and MOST_BEYOND of each friend. Who is no person, by the rate of their events, is offered to nobody. With neither
    friends nor events the users with the most events are shown, and a note says so. Raises WrongCall for an id that
    cannot be one.
    """
    asked_ids(user_ids, "user_id")
    moment = live.refresh()
    tastes = held_tastes(live, moment)
    places = {user_id: place for place, user_id in enumerate(tastes.user_ids)}
    store = live.workspace.store
    return [_answer(store, tastes, places, user_id, selection, moment) for user_id in user_ids]


def _answer(
    store: PeopleReads, tastes: HeldTastes, places: Mapping[str, int], user_id: str, selection: Selection,
    moment: Moment,
) -> AlikeUsers:  # fmt: skip
    mine = [each.other_id for each in store.relations_of([user_id], MOST_FRIENDS)]
    common: dict[str, int] = {}
    for each in store.relations_of(mine, MOST_BEYOND):
        common[each.other_id] = common.get(each.other_id, 0) + 1
    scores = _alike(tastes, places.get(user_id, -1))
    notes = moment.notes
    taste = dict(zip(tastes.user_ids, scores.tolist(), strict=True))
    known = store.related_to(user_id) | {user_id} | tastes.tireless
    merits = {other: COMMON * common.get(other, 0) + taste.get(other, 0.0) for other in {*taste, *common} - known}
    if not common and not scores.any():
        notes += (f"user {user_id!r} has no friends of friends and no taste: the users with the most events are shown",)
        lengths = dict(zip(tastes.user_ids, tastes.lengths.tolist(), strict=True))
        order = sorted(merits, key=lambda other: (-lengths.get(other, 0), other))
    else:
        order = sorted(merits, key=lambda other: (-merits[other], other))
    shown = order[selection.offset : selection.depth]
    parts = [{"friends": COMMON * common.get(other, 0), "taste": taste.get(other, 0.0)} for other in shown]
    items = tuple(
        AlikeUser(selection.offset + place, other, sum(part.values()), part)
        for place, (other, part) in enumerate(zip(shown, parts, strict=True), start=1)
    )
    return AlikeUsers(user_id, items, moment.name, notes)


def _alike(tastes: HeldTastes, place: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return (n,) cosines with the user at a place, zero for one of whom no taste is known."""
    if place < 0:
        return np.zeros(len(tastes.user_ids))
    return np.asarray(tastes.factors @ tastes.factors[place], dtype=np.float64)
