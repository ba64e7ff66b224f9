"""Sessions: what suits a visit, of which the events of one session alone tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plait.asked_ids import asked_ids
from plait.flows.explain import recommend_told
from plait.flows.recommend import SEARCHES, Asker
from plait.list_rules import PLAIN, ListRules
from plait.live import Live
from plait.ranking import Ranking
from plait.records import SEEN_EXEMPT, Searched, SessionEvent
from plait.selection import Selection
from plait.store import Store
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

    A session is of one user: whose its last event was. What others did under the same session_id does not count, and a
    note says so. Seen are the session's items, and whatever else its user has seen; what they hid and bought
    counts as well, and their attributes and friends are known. A session without events gets a note.
    """
    asked_ids(session_ids, "session_id")
    store, limit = live.workspace.store, live.workspace.config.recommend.history
    sessions = [_session_of(store, session_id, limit) for session_id in session_ids]
    owners = [session.user_id for session in sessions]
    known = KnownUsers.of_some(store, sorted({user_id for user_id in owners if user_id}))
    asked = []
    for session in sessions:
        user_id, events = session.user_id, session.events
        seen = frozenset(store.seen_items(user_id)) if user_id else frozenset[str]()
        told = [event.interaction for event in events if event.interaction.event not in SEEN_EXEMPT]
        friends = known.friends.get(user_id, ()) if user_id else ()
        attributes = known.of(user_id) if user_id else {}
        deeds = store.recent_interactions([user_id], limit)[user_id] if user_id else None
        asked.append(Asker(user_id, told, seen, session.notes, _searches(events), attributes, friends, deeds))
    return asked


@dataclass(frozen=True, slots=True)
class _Session:
    """Whose a session is, "" for one without events, and what they did in it, oldest first."""

    user_id: str
    events: Sequence[SessionEvent]
    notes: tuple[str, ...]


def _session_of(store: Store, session_id: str, limit: int) -> _Session:
    events = store.session_events(session_id, limit)
    if not events:
        return _Session("", (), (f"session {session_id!r} has no events: popular items are shown",))
    user_id = events[-1].user_id
    if all(event.user_id == user_id for event in events):
        return _Session(user_id, events, ())
    said = f"session {session_id!r} has events of several users: those of {user_id!r}, whose the last one is, count"
    return _Session(user_id, store.session_events(session_id, limit, user_id=user_id), (said,))


def _searches(events: Sequence[SessionEvent]) -> list[Searched]:
    """Return what was searched for of late, newest first."""
    said = [Searched(event.query, event.interaction.timestamp) for event in reversed(events) if event.query]
    return said[:SEARCHES]
