"""Recommend: history -> profile -> candidates -> scores -> ranking with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from embedders.items import AttributeValue
from index.vector_index import Rows
from plait.asked_ids import asked_ids
from plait.circles import circles_of
from plait.errors import WrongCall
from plait.exposing import UNLOGGED, Exposing
from plait.flows.arrange import Arranged, Shown, arranged
from plait.flows.asked import asked_of, vectors_of_texts
from plait.flows.explore import Chances, explored, terms_of
from plait.flows.exposures import write_exposures
from plait.flows.friends_likes import with_friends
from plait.flows.recipients import Recipients
from plait.history import histories_of
from plait.list_rules import PLAIN, ListRules
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking, Reason
from plait.records import SEEN_EXEMPT, Interaction, Relation, Searched
from plait.rules.adjustments import ADDED
from plait.rules.checks import rules_for
from plait.rules.in_force import InForce
from plait.rules.left_out import LeftOut, left_out
from plait.selection import Selection
from plait.stages import stage
from plait.user_features import KnownUsers
from ranker.asked import pool_with_asked
from ranker.combination import PARTS, UNLEARNT
from ranker.new_users import Start
from ranker.profile import Profiles
from ranker.sides import UserSide

USERS_AT_ONCE = 32
REASONS = 3
SEARCHES = 5
"""How many of a user's last searches enter the profile."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is recommended to: a user's id ("" for none), what they did, oldest first, and notes for the answer.

    `searches` are what they searched for, newest first; `attributes` and `friends`, the relations they have, are what
    is known of them without any event. `deeds` are what they did, where `events` are a part of it, as of one session.
    """

    user_id: str = ""
    events: Sequence[Interaction] = ()
    seen: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())
    searches: Sequence[Searched] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    friends: Sequence[Relation] = ()
    deeds: Sequence[Interaction] | None = None


@stage("history")
def askers(live: Live, user_ids: Sequence[str], *, so: str = "popular items are shown") -> list[Asker]:
    """Return users with their last events and searches, and all items they have seen; a note for unknown ones.

    The note says what follows from it: `so`. Raises WrongCall for an id that cannot be one.
    """
    asked_ids(user_ids, "user_id")
    store, limit = live.workspace.store, live.workspace.config.recommend.history
    found, searched = store.recent_interactions(user_ids, limit + 1), store.recent_searches(user_ids, SEARCHES)
    known = KnownUsers.of_some(store, user_ids)
    friends, asked = known.friends, []
    for user_id in user_ids:
        events = found[user_id]
        seen = frozenset(event.item_id for event in events if event.event not in SEEN_EXEMPT)
        if len(events) > limit:
            events = events[1:]
            seen |= store.seen_items(user_id)
        notes = () if events or searched[user_id] else (f"user {user_id!r} has no events: {so}",)
        about = known.of(user_id), friends.get(user_id, [])
        asked.append(Asker(user_id, events, seen, notes, searched[user_id], *about))
    return asked


def asker_of_history(live: Live, item_ids: Sequence[str], *, named: str = "--history") -> Asker:
    """Return somebody who liked items, oldest first. Raises WrongCall for an unknown one, and for none at all.

    What is wrong is said of the option `named`.
    """
    if not item_ids:
        raise WrongCall(f"{named} names no item")
    moment = live.refresh()
    unknown = [i for i, row in zip(item_ids, moment.index.rows(item_ids).tolist(), strict=True) if row < 0]
    if unknown:
        raise WrongCall(f"{named}: item {unknown[0]!r} is not in the catalogue")
    events = [Interaction(item_id, "like", None, float(place)) for place, item_id in enumerate(item_ids)]
    return Asker("", events, frozenset(item_ids))


def recommend(
    live: Live, asked: Sequence[Asker], selection: Selection, rules: ListRules = PLAIN, expose: Exposing = UNLOGGED,
    *, include_seen: bool = False,
) -> list[Ranking]:  # fmt: skip
    """Return one ranking each, in the order asked. What is to be logged is written when this returns, all or nothing.

    Raises WrongCall for rules that do not fit the catalogue, BadData where they are those of plait.toml.
    """
    moment, answers = live.refresh(), []
    ruled = rules_for(moment, rules)
    names = expose.names(f"{moment.name} {live.workspace.store.sequence()}", [who.user_id for who in asked])
    for start in range(0, len(asked), USERS_AT_ONCE):
        some = asked[start : start + USERS_AT_ONCE]
        draws = names[start : start + USERS_AT_ONCE] if expose.explores(live.workspace.config.exploration) else []
        users, out = Recipients(user_side(moment, some)), [out_of(moment, who, ruled, include_seen) for who in some]
        answers += rankings_for(moment, some, users, selection, ruled, out, draws)
    if not expose.log:
        return answers
    named = [replace(answer, recommendation_id=name) for answer, name in zip(answers, names, strict=True)]
    write_exposures(live.workspace, named)
    return named


def recommend_described(live: Live, text: str, selection: Selection, rules: ListRules = PLAIN) -> Ranking:
    """Return what suits somebody of whom only a description is known: their profile is what the words fill."""
    moment = heeding_words(live.refresh())
    ruled = rules_for(moment, rules)
    out = [out_of(moment, Asker(), ruled, include_seen=False)]
    return rankings_for(moment, [Asker()], Recipients(described(moment, text)), selection, ruled, out)[0]


def heeding_words(moment: Moment) -> Moment:
    """Return a moment in which content counts for somebody without a history as much as before any training.

    Nobody in the log was described, so that no training says what a description is worth; of who has done nothing
    content tells nothing, and may weigh nothing there.
    """
    models, content = moment.models, PARTS.index("content")
    combination = models.ranker.combination
    knots = combination.knots.copy()
    knots[0, content] = max(knots[0, content], UNLEARNT.knots[0, content])
    ranker = replace(models.ranker, combination=replace(combination, knots=knots))
    return replace(moment, models=replace(models, ranker=ranker))


def described(moment: Moment, text: str) -> UserSide:
    """Return somebody of whom only a description is known."""
    users = user_side(moment, [Asker()])
    return replace(users, profiles=Profiles(vectors_of_texts(moment, [text]), users.profiles.attention))


def user_side(moment: Moment, asked: Sequence[Asker]) -> UserSide:
    """Fold the histories of `asked` in; what they searched for is pooled into their profiles."""
    return with_searches(moment, asked)[0]


def with_searches(moment: Moment, asked: Sequence[Asker]) -> tuple[UserSide, NDArray[np.float32]]:
    """Return `user_side`, and the attention (m, searches) that each search has in the profile."""
    ranker = moment.models.ranker
    with stage("profile"):
        rows = [moment.index.rows([event.item_id for event in who.events]) for who in asked]
        histories = histories_of([who.events for who in asked], rows, moment.live.workspace.config)
        users = ranker.user_side(histories, moment.items, moment.index.vectors, start=_start(moment, asked))
    said = asked_of(moment, [who.searches for who in asked], histories.now)
    if said is None:
        return users, np.zeros((len(asked), 0), dtype=np.float32)
    with stage("profile"):
        profiles, shares = pool_with_asked(
            users.recent, users.history, said, time_constant=ranker.time_constant, attention=ranker.attention
        )
    return replace(users, profiles=profiles), shares


def _start(moment: Moment, asked: Sequence[Asker]) -> Start | None:
    """Return what is expected of users by their attributes and friends alone."""
    models, store = moment.models, moment.live.workspace.store
    learnt = models.ranker.new_users
    if learnt is None:
        return None
    attributes = models.users.transform([who.attributes for who in asked])
    names, friends = [who.user_id for who in asked], [who.friends for who in asked]
    return learnt.start(attributes, circles_of(store, learnt.friends, models.user_ids, names, friends))


def out_of(moment: Moment, who: Asker, rules: InForce, include_seen: bool) -> LeftOut:
    """Return what somebody is not shown."""
    deeds = who.events if who.deeds is None else who.deeds
    return left_out(moment, who.user_id, deeds, who.seen, rules, include_seen=include_seen)


def rankings_for(
    moment: Moment, asked: Sequence[Asker], users: Recipients, selection: Selection, rules: InForce,
    out: Sequence[LeftOut], draws: Sequence[str] = (),
) -> list[Ranking]:  # fmt: skip
    """Return one ranking a list for `users`, each named and noted as `asked` says, without what is left `out`.

    `draws`, one a list, are what chance follows from, () for none.
    """
    shown = Shown([who.user_id for who in asked], [who.events for who in asked], out)
    found, chances = arranged(moment, users, shown, selection, rules), None
    if draws:
        terms = terms_of(moment, users, shown, selection, rules, found)
        found, chances = explored(moment, found, terms, selection, draws)
    with stage("reasons"):
        return _told(moment, asked, users, selection, found, chances)


def _told(
    moment: Moment, asked: Sequence[Asker], users: Recipients, selection: Selection, found: Arranged,
    chances: Chances | None,
) -> list[Ranking]:  # fmt: skip
    """Return the page that is asked of each list, with the reasons of its items."""
    page = slice(selection.offset, selection.depth)
    chosen, picked, parts = found.rows[:, page], found.logits[:, page], found.parts[:, page]
    history, because = users.because(moment, chosen)
    because = because * users.speaks(moment, chosen, parts, found.names)[:, :, None]
    rankings = []
    for place, who in enumerate(asked):
        used = chosen[place] >= 0
        named = _named(found.names, parts[place, used].tolist())
        reasons = _reasons(moment, history[place], because[place][used])
        scores = sigmoid(picked[place, used])
        items = moment.ranked(chosen[place][used], scores, named, selection.offset, reasons)
        items = with_friends(moment.live.workspace, items, who.friends)
        if chances is not None:
            items = chances.of(items, place)
        rankings.append(Ranking(items, moment.name, (*moment.notes, *who.notes, *found.notes[place]), who.user_id))
    return rankings


def _named(names: Sequence[str], lines: Sequence[Sequence[float]]) -> list[dict[str, float]]:
    """Return the parts of each item by name; those that rules add are there where they say anything."""
    named = [dict(zip(names, values, strict=True)) for values in lines]
    if not set(ADDED).isdisjoint(names):
        return [{name: value for name, value in parts.items() if value or name not in ADDED} for parts in named]
    return named


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-x)), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -logits)))


def _reasons(moment: Moment, history: Rows, shares: NDArray[np.float32]) -> list[tuple[Reason, ...]]:
    """Return for n items the entries of a `history` (width,) with the largest `shares` (n, width), best first."""
    best = np.argsort(-shares, axis=1, kind="stable")[:, :REASONS]
    largest = np.take_along_axis(shares, best, axis=1)
    named = iter(moment.index.item_ids(history[best[largest > 0]]))
    return [tuple(Reason(next(named), share) for share in line if share > 0) for line in largest.tolist()]
