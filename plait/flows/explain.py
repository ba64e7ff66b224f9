"""Explain: rankings whose items say in a sentence why they are shown, where a language is asked for.

What is usual, beside which an item's parts are judged, is what the same question gives items from all over the
catalogue.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from embedders.items import Strand
from index.vector_index import Rows
from plait.config import Events
from plait.event_weights import event_weight, is_positive
from plait.exposing import UNLOGGED, Exposing
from plait.flows.arrange import scored
from plait.flows.paired import items_of_kind
from plait.flows.personal import search_for
from plait.flows.recipients import Recipients
from plait.flows.recommend import (
    USERS_AT_ONCE,
    Asker,
    askers,
    described,
    heeding_words,
    recommend,
    recommend_described,
    user_side,
    with_searches,
)
from plait.flows.search import Query
from plait.kind import Kind
from plait.list_rules import PLAIN, ListRules
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking
from plait.records import SEEN_EXEMPT
from plait.rules.adjustments import adjustments
from plait.rules.checks import rules_for
from plait.selection import Selection
from plait.sentences.carrying import usual_parts
from plait.sentences.sentence import MUCH, Known, sentence
from plait.sentences.templates import Language, Told

SAMPLE = 256
"""Items, evenly from the whole catalogue, whose parts are what is usual."""
Ask = Callable[[Selection], list[Ranking]]


def recommend_told(
    live: Live, asked: Sequence[Asker], selection: Selection, rules: ListRules = PLAIN, expose: Exposing = UNLOGGED,
    *, include_seen: bool = False,
) -> list[Ranking]:  # fmt: skip
    """Return what `recommend` does, with sentences where a language is asked for."""
    answers = recommend(live, asked, selection, rules, expose, include_seen=include_seen)
    if not selection.language:
        return answers
    moment, told = live.refresh(), list[Ranking]()
    for start in range(0, len(asked), USERS_AT_ONCE):
        some, found = asked[start : start + USERS_AT_ONCE], answers[start : start + USERS_AT_ONCE]
        told += _told(found, _of_users(moment, some, found, rules), selection.language)
    return told


def recommend_described_told(live: Live, text: str, selection: Selection, rules: ListRules = PLAIN) -> Ranking:
    """Return what `recommend_described` does, with sentences where a language is asked for."""
    found = recommend_described(live, text, selection, rules)
    if not selection.language:
        return found
    moment = heeding_words(live.refresh())
    usual = _usual_of(moment, Recipients(described(moment, text)), [Asker()], rules)
    return _told([found], [Known(usual[0], described=True, has_taste=False)], selection.language)[0]


def search_told(
    live: Live, queries: Sequence[Query], selection: Selection, *, weights: Mapping[str, float] | None = None
) -> list[Ranking]:
    """Return what `search_for` does, with sentences where a language is asked for."""
    found = search_for(live, queries, selection, weights=weights)
    if not selection.language:
        return found
    usual = _usual(live, lambda of: search_for(live, queries, of, weights=weights))
    user_ids = list(dict.fromkeys(query.user_id for query in queries if query.user_id))
    have_taste = {who.user_id for who in askers(live, user_ids) if _has_taste(who)}
    known = [
        Known(mine, has_taste=query.user_id in have_taste) for query, mine in zip(queries, usual, strict=True)
    ]  # fmt: skip
    return _told(found, known, selection.language)


def items_of_kind_told(
    live: Live, item_ids: Sequence[str], selection: Selection, *, kind: Kind,
    weights: Mapping[Strand, float] | None = None,
) -> list[Ranking]:  # fmt: skip
    """Return what `items_of_kind` does, with sentences where a language is asked for."""
    found = items_of_kind(live, item_ids, selection, kind=kind, weights=weights)
    if not selection.language:
        return found
    usual = _usual(live, lambda of: items_of_kind(live, item_ids, of, kind=Kind.CONTENT, weights=weights))
    titles, pairs = live.workspace.store.titles(item_ids), _pairs(live, kind)
    known = [
        Known(mine, about=titles.get(item_id, "").strip() or item_id, pair_told=pairs)
        for item_id, mine in zip(item_ids, usual, strict=True)
    ]
    return _told(found, known, selection.language)


def _pairs(live: Live, kind: Kind) -> Told:
    """Return what the support of pairs counts: purchases only where the log has any."""
    if kind is Kind.NEXT:
        return Told.NEXT
    return Told.BOUGHT_TOGETHER if live.liked.has_purchases() else Told.CHOSEN_TOGETHER


def _usual(live: Live, ask: Ask) -> list[dict[str, float]]:
    """Return the mean parts in each answer when only items evenly from the whole catalogue are asked for."""
    moment = live.refresh()
    of = Selection(SAMPLE, candidates=moment.index.item_ids(_sample(moment)))
    return [usual_parts([item.parts for item in answer.items]) for answer in ask(of)]


def _usual_of(moment: Moment, users: Recipients, asked: Sequence[Asker], rules: ListRules) -> list[dict[str, float]]:
    """Return the mean parts of items evenly from the whole catalogue in each list, what rules add included."""
    ruled, rows = rules_for(moment, rules), _sample(moment)
    adjusted = adjustments(moment, ruled, [one.user_id for one in asked], [one.events for one in asked])
    found = scored(moment, users, np.tile(rows, (len(users), 1)), moment.index.vectors(rows)[None], adjusted)
    return [dict(zip(found.names, mine, strict=True)) for mine in found.parts.mean(axis=1).tolist()]


def _sample(moment: Moment) -> Rows:
    living = np.flatnonzero(moment.index.alive)
    return living[np.unique(np.linspace(0, len(living) - 1, SAMPLE).astype(np.int64))] if len(living) else living


def _of_users(moment: Moment, asked: Sequence[Asker], found: Sequence[Ranking], rules: ListRules) -> list[Known]:
    """Return what is known of each user beside their ranking."""
    live = moment.live
    usual = _usual_of(moment, Recipients(user_side(moment, asked)), asked, rules)
    reasons = {reason.item_id for ranking in found for item in ranking.items for reason in item.because}
    titles = live.workspace.store.titles(sorted(reasons))
    config, searched = live.workspace.config.events, _searched(moment, asked)
    return [
        Known(mine, titles, done_by(who, config), *said, has_taste=_has_taste(who), friends=_friends(ranking))
        for who, mine, said, ranking in zip(asked, usual, searched, found, strict=True)
    ]


def _friends(ranking: Ranking) -> dict[str, tuple[str, ...]]:
    """Return by item which friends liked it, where that is named."""
    return {item.item_id: item.friends for item in ranking.items if item.friends}


def done_by(who: Asker, config: Events) -> dict[str, str]:
    """Return what somebody did to each item they still like: the event that says most for it.

    A rating that counts as liking is a like. An item whose last word was against it is left out.
    """
    done: dict[str, tuple[float, str]] = {}
    for item_id, event, value, _ in who.events:
        weight = event_weight(event, value, config)
        if event in SEEN_EXEMPT or not weight:
            continue
        if weight < 0:
            done.pop(item_id, None)
            continue
        name = "like" if event == "rating" and is_positive(event, value, config) else event
        done[item_id] = max(done.get(item_id, (0.0, "")), (weight, name))
    return {item_id: name for item_id, (_, name) in done.items()}


def _has_taste(who: Asker) -> bool:
    return bool(who.events or who.attributes or who.friends)


def _searched(moment: Moment, asked: Sequence[Asker]) -> list[tuple[str, float]]:
    """Return for each user the search with the largest share of the profile, where large, and the share of all."""
    if not any(who.searches for who in asked):
        return [("", 0.0)] * len(asked)
    said = []
    for who, shares in zip(asked, with_searches(moment, asked)[1], strict=True):
        most = int(np.argmax(shares)) if len(shares) else 0
        named = who.searches[most].query if len(shares) and shares[most] >= MUCH else ""
        said.append((named, float(shares.sum())))
    return said


def _told(found: Sequence[Ranking], known: Sequence[Known], language: str) -> list[Ranking]:
    return [
        replace(ranking, items=tuple(replace(i, sentence=sentence(i, mine, Language(language))) for i in ranking.items))
        for ranking, mine in zip(found, known, strict=True)
    ]
