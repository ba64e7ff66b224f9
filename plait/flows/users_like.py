"""Users like a user: those whose tastes point the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plait.asked_ids import asked_ids
from plait.cleaning import FEWEST, tireless_users
from plait.held_tastes import HeldTastes
from plait.history import histories_of
from plait.live import Live
from plait.moment import Moment
from plait.records import Interaction
from plait.selection import Selection
from ranker.interactions import Floats, Rows

USERS_AT_ONCE = 256
PARTS = ("cf", "content")


@dataclass(frozen=True, slots=True)
class AlikeUser:
    """A user of alike taste; `parts` are cosines of tastes, one of them 0, and `score` is their sum, at most 1."""

    rank: int
    user_id: str
    score: float
    parts: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the user as `--json` shows it."""
        return {"rank": self.rank, "user_id": self.user_id, "score": self.score, "parts": dict(self.parts)}


@dataclass(frozen=True, slots=True)
class AlikeUsers:
    """Users of alike taste, best first, without the user asked for, who has no events, and who is no person."""

    user_id: str
    items: tuple[AlikeUser, ...]
    model: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as `--json` prints it."""
        items = [user.to_json() for user in self.items]
        return {"user_id": self.user_id, "items": items, "model": self.model, "notes": list(self.notes)}


def users_like(live: Live, user_ids: Sequence[str], selection: Selection) -> list[AlikeUsers]:
    """Return one answer a user, by the limit and the offset of `selection`.

    Tastes are compared by which items were liked (CF), and of a user of whom that says nothing by what these are like.
    Of a user without events no taste is known: the users with the most events are shown, and a note says so. Raises
    WrongCall for an id that cannot be one.
    """
    asked_ids(user_ids, "user_id")
    moment = live.refresh()
    tastes = held_tastes(live, moment)
    places = {user_id: place for place, user_id in enumerate(tastes.user_ids)}
    return [_answer(moment, tastes, user_id, places.get(user_id, -1), selection) for user_id in user_ids]


def _answer(moment: Moment, tastes: HeldTastes, user_id: str, place: int, selection: Selection) -> AlikeUsers:
    parts = np.zeros((len(tastes.user_ids), len(PARTS)), dtype=np.float64)
    notes: tuple[str, ...] = ()
    known = place >= 0 and bool(tastes.lengths[place])
    if known:
        column = 0 if tastes.factors[place].any() else 1
        rows = (tastes.factors, tastes.profiles)[column]
        parts[:, column] = rows @ rows[place]
    else:
        notes = (f"user {user_id!r} has no events: the users with the most events are shown",)
    scores = parts.sum(axis=1)
    persons = np.asarray([other not in tastes.tireless for other in tastes.user_ids], dtype=np.bool_)
    others = np.flatnonzero((tastes.lengths > 0) & persons & (np.arange(len(scores)) != place))
    merits = scores[others] if known else tastes.lengths[others]
    chosen = others[np.argsort(-merits, kind="stable")][selection.offset : selection.depth]
    items = tuple(
        AlikeUser(selection.offset + rank, tastes.user_ids[row], float(scores[row]), _named(parts[row]))
        for rank, row in enumerate(chosen.tolist(), start=1)
    )
    return AlikeUsers(user_id, items, moment.name, (*moment.notes, *notes))


def _named(parts: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(PARTS, parts.tolist(), strict=True))


def held_tastes(live: Live, moment: Moment) -> HeldTastes:
    """Return the tastes of all users of the store; only those of users who did something since are read anew."""
    store = live.workspace.store
    sequence = store.sequence()
    # Read once: another thread may put newer ones in their place meanwhile.
    held = live.tastes
    # Learning online replaces the models, and leaves what histories are folded by: a training made that.
    same = held is not None and held.index is moment.index and held.gram is moment.models.ranker.gram
    if held is not None and same and store.rewritten() <= held.sequence:
        if held.sequence == sequence:
            return held
        changed = {user_id for user_id, _ in store.interactions_after(held.sequence, until=sequence)}
        user_ids = sorted({*held.user_ids, *changed})
    else:
        held, user_ids = None, store.user_ids()
        changed = set(user_ids)
    live.tastes = tastes = _gathered(moment, held, user_ids, changed, sequence)
    return tastes


def _gathered(
    moment: Moment, held: HeldTastes | None, user_ids: Sequence[str], changed: set[str], sequence: int
) -> HeldTastes:
    """Return the tastes of `user_ids`: those of `changed` by their events, the others as they are held."""
    limit = moment.live.workspace.config.recommend.history
    factors = np.zeros((len(user_ids), moment.items.factors.shape[1]), dtype=np.float32)
    profiles = np.zeros((len(user_ids), moment.index.dimension), dtype=np.float32)
    lengths = np.zeros(len(user_ids), dtype=np.int64)
    if held is not None:
        place_of = {user_id: place for place, user_id in enumerate(user_ids)}
        places = [place_of[user_id] for user_id in held.user_ids]
        factors[places], profiles[places], lengths[places] = held.factors, held.profiles, held.lengths
    tireless = set() if held is None else set(held.tireless - changed)
    anew = [place for place, user_id in enumerate(user_ids) if user_id in changed]
    for start in range(0, len(anew), USERS_AT_ONCE):
        some = anew[start : start + USERS_AT_ONCE]
        mine = moment.live.workspace.store.recent_interactions([user_ids[place] for place in some], limit)
        factors[some], profiles[some], lengths[some] = _folded(moment, list(mine.values()))
        tireless |= _tireless(moment, mine, limit)
    told = (factors, profiles, lengths, frozenset(tireless))
    return HeldTastes(moment.index, moment.models.ranker.gram, sequence, tuple(user_ids), *told)


def _tireless(moment: Moment, events: Mapping[str, Sequence[Interaction]], limit: int) -> set[str]:
    """Return the users who are no persons; `events` are their last ones, `limit` at most."""
    found = set[str]()
    for user_id, mine in events.items():
        if len(mine) >= min(limit, FEWEST):
            times = np.asarray(moment.live.workspace.store.telling_times(user_id), dtype=np.float64)
            found |= tireless_users(np.zeros(len(times), dtype=np.int64), times, [user_id]).keys()
    return found


def _folded(moment: Moment, events: Sequence[Sequence[Interaction]]) -> tuple[Floats, Floats, Rows]:
    """Return unit tastes by CF and by content, and how many events they rest on."""
    config = moment.live.workspace.config
    rows = [moment.index.rows([event.item_id for event in mine]) for mine in events]
    # Without what says nothing of a taste that could be compared, and costs most of the time.
    ranker = replace(moment.models.ranker, sequence=None, new_users=None, cold=None)
    side = ranker.user_side(histories_of(events, rows, config), moment.items, moment.index.vectors)
    return _unit(side.factors), _unit(side.profiles.vectors), side.lengths


def _unit(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)
