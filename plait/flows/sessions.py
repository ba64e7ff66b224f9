"""Sessions: what suits a visit, of which the events of one session alone tell."""

from collections.abc import Sequence
from dataclasses import replace

from plait.flows.explain import recommend_told
from plait.flows.recommend import SEARCHES, Asker
from plait.list_rules import PLAIN, ListRules
from plait.live import Live
from plait.ranking import Ranking
from plait.records import SEEN_EXEMPT, Searched, SessionEvent
from plait.selection import Selection
from plait.user_features import KnownUsers


def recommend_sessions(
    live: Live, session_ids: Sequence[str], selection: Selection, rules: ListRules = PLAIN, *,
    include_seen: bool = False,
) -> list[Ranking]:  # fmt: skip
    """Return one ranking a session, in the order asked; `user_id` is whose it was, "" for an unknown session's."""
    answers = recommend_told(live, askers_of_sessions(live, session_ids), selection, rules, include_seen=include_seen)
    return [replace(answer, query_id=session_id) for session_id, answer in zip(session_ids, answers, strict=True)]


def askers_of_sessions(live: Live, session_ids: Sequence[str]) -> list[Asker]:
    """Return who sits at each session, with what was done and searched for in it as all of their history.

    Seen are the session's items, and whatever else its users have seen; what its user hid and bought
    counts as well. Of its last event's user attributes and friends are known. A session without events gets a note.
    """
    store, limit = live.workspace.store, live.workspace.config.recommend.history
    found = [store.session_events(session_id, limit) for session_id in session_ids]
    owners = [events[-1].user_id if events else "" for events in found]
    known = KnownUsers.of_some(store, sorted({user_id for user_id in owners if user_id}))
    asked = []
    for session_id, events, user_id in zip(session_ids, found, owners, strict=True):
        seen = frozenset[str]().union(*(store.seen_items(user) for user in {event.user_id for event in events}))
        notes = () if events else (f"session {session_id!r} has no events: popular items are shown",)
        told = [event.interaction for event in events if event.interaction.event not in SEEN_EXEMPT]
        friends = known.friends.get(user_id, ()) if user_id else ()
        attributes = known.of(user_id) if user_id else {}
        deeds = store.recent_interactions([user_id], limit)[user_id] if user_id else None
        asked.append(Asker(user_id, told, seen, notes, _searches(events), attributes, friends, deeds))
    return asked


def _searches(events: Sequence[SessionEvent]) -> list[Searched]:
    """Return what was searched for of late, newest first."""
    said = [Searched(event.query, event.interaction.timestamp) for event in reversed(events) if event.query]
    return said[:SEARCHES]
