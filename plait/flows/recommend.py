"""Recommend: history -> profile -> candidates -> scores -> ranking with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.errors import WrongCall
from plait.flows.candidates import candidate_rows
from plait.flows.search import Query, encode_queries, encode_towers
from plait.history import histories_of
from plait.live import Live, Moment
from plait.ranking import Ranking, Reason
from plait.records import SEEN_EXEMPT, Interaction
from plait.selection import Selection
from ranker.profile import Profiles
from ranker.rank import PART_NAMES
from ranker.sides import UserSide

USERS_AT_ONCE = 32
REASONS = 3


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is recommended to: a user's id ("" for none), what they did, oldest first, and notes for the answer."""

    user_id: str = ""
    events: Sequence[Interaction] = ()
    seen: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())


def askers(live: Live, user_ids: Sequence[str]) -> list[Asker]:
    """Return users with their last events, and all items they have seen; a note for each unknown one."""
    store, limit = live.workspace.store, live.workspace.config.recommend.history
    found = store.recent_interactions(user_ids, limit + 1)
    asked = []
    for user_id in user_ids:
        events = found[user_id]
        seen = frozenset(event.item_id for event in events if event.event not in SEEN_EXEMPT)
        if len(events) > limit:
            events = events[1:]
            seen |= store.seen_items(user_id)
        notes = () if events else (f"user {user_id!r} has no events: popular items are shown",)
        asked.append(Asker(user_id, events, seen, notes))
    return asked


def asker_of_history(live: Live, item_ids: Sequence[str]) -> Asker:
    """Return somebody who liked items, oldest first. Raises WrongCall for an unknown one, and for none at all."""
    if not item_ids:
        raise WrongCall("--history names no item")
    moment = live.refresh()
    unknown = [i for i, row in zip(item_ids, moment.index.rows(item_ids).tolist(), strict=True) if row < 0]
    if unknown:
        raise WrongCall(f"--history: item {unknown[0]!r} is not in the catalogue")
    events = [Interaction(item_id, "like", None, float(place)) for place, item_id in enumerate(item_ids)]
    return Asker("", events, frozenset(item_ids))


def recommend(live: Live, asked: Sequence[Asker], selection: Selection, *, include_seen: bool = False) -> list[Ranking]:
    """Return one ranking each, in the order asked."""
    moment = live.refresh()
    answers = []
    for start in range(0, len(asked), USERS_AT_ONCE):
        answers += _recommend(moment, asked[start : start + USERS_AT_ONCE], selection, include_seen)
    return answers


def recommend_described(live: Live, text: str, selection: Selection) -> Ranking:
    """Return what suits somebody of whom only a description is known: their profile is what the words fill."""
    moment = live.refresh()
    words = [Query(text=text)]
    asked = encode_queries(live.workspace, words)
    query = moment.fusion.query(asked, towers=encode_towers(live.workspace, moment.fusion, words, asked))
    users = user_side(moment, [Asker()])
    vectors = query.vectors / np.maximum(np.linalg.norm(query.vectors, axis=1, keepdims=True), 1e-12)
    described = replace(users, profiles=Profiles(vectors, users.profiles.attention))
    return _ranked(moment, [Asker()], described, selection, [np.empty(0, dtype=np.int64)])[0]


def user_side(moment: Moment, asked: Sequence[Asker]) -> UserSide:
    """Fold the histories of `asked` in."""
    rows = [moment.index.rows([event.item_id for event in who.events]) for who in asked]
    histories = histories_of([who.events for who in asked], rows, moment.live.workspace.config)
    return moment.models.ranker.user_side(histories, moment.items, moment.index.vectors)


def _recommend(moment: Moment, asked: Sequence[Asker], selection: Selection, include_seen: bool) -> list[Ranking]:
    nothing = np.empty(0, dtype=np.int64)
    seen = [nothing if include_seen else moment.index.rows(sorted(who.seen)) for who in asked]
    return _ranked(moment, asked, user_side(moment, asked), selection, seen)


def _ranked(
    moment: Moment, asked: Sequence[Asker], users: UserSide, selection: Selection, seen: list[Rows]
) -> list[Ranking]:
    ranker = moment.models.ranker
    candidates = candidate_rows(moment, users, selection.depth, moment.eligible(selection), seen)
    vectors = moment.index.vectors(np.maximum(candidates, 0))
    scored = ranker.score(users, moment.items, candidates, vectors)
    logits = np.where(candidates >= 0, scored.logits, -np.inf)
    order = np.argsort(-logits, axis=1, kind="stable")[:, selection.offset : selection.depth]
    chosen = np.take_along_axis(candidates, order, axis=1)
    shown = np.take_along_axis(vectors, order[:, :, None], axis=1)
    because = ranker.because(users, shown)
    rankings = []
    for place, who in enumerate(asked):
        used = chosen[place] >= 0
        rows, picked = chosen[place][used], order[place][used]
        parts = [dict(zip(PART_NAMES, values, strict=True)) for values in scored.parts[place, picked].tolist()]
        reasons = _reasons(moment, users.recent.items[place], because[place][used])
        scores = sigmoid(scored.logits[place, picked])
        items = moment.ranked(rows, scores, parts, selection.offset, reasons)
        rankings.append(Ranking(items, moment.name, who.notes, who.user_id))
    return rankings


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-x)), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -logits)))


def _reasons(moment: Moment, history: Rows, shares: NDArray[np.float32]) -> list[tuple[Reason, ...]]:
    """Return for n items the entries of a `history` (width,) with the largest `shares` (n, width), best first."""
    best = np.argsort(-shares, axis=1, kind="stable")[:, :REASONS]
    largest = np.take_along_axis(shares, best, axis=1)
    named = iter(moment.index.item_ids(history[best[largest > 0]]))
    return [tuple(Reason(next(named), share) for share in line if share > 0) for line in largest.tolist()]
