"""Sessions: answered like somebody who did the same and nothing else, without what the session's user has seen."""

from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.recommender import Recommender
from plait.records import Event
from tests.plait import toy
from tests.plait.flows.test_selection import IDS, SEEN

NUMBERS = count()
VISITS = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(["like", "view", "skip", "impression"]), st.integers(0, 9)),
    min_size=1, max_size=6,
)  # fmt: skip


def rows_of(user: str, session: str, visit: list[tuple[str, str, int]]) -> list[dict[str, str]]:
    return [
        {
            "user_id": user, "item_id": item_id, "event": event, "timestamp": str(toy.START + 10**6 + second),
            "session_id": session,
        }
        for item_id, event, second in visit
    ]  # fmt: skip


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VISITS, st.sampled_from([*toy.USERS, ""]))
def test_a_session_is_answered_like_who_did_only_that(own: Path, visit: list[tuple[str, str, int]], user: str) -> None:
    # All examples write into one workspace: each has a session of its own.
    recommender, number = Recommender.open(own), next(NUMBERS)
    twin, session, owner = f"twin-{number}", f"visit-{number}", user or f"guest-{number}"
    recommender.record([*rows_of(owner, session, visit), *rows_of(twin, "", visit)])
    seen = {item_id for item_id, event, _ in visit if event != "impression"}
    answer = recommender.recommend_session(session, limit=50, include_seen=True)
    like = recommender.recommend(twin, limit=50, include_seen=True)
    assert [item.item_id for item in answer.items] == [item.item_id for item in like.items]
    assert [item.parts for item in answer.items] == [pytest.approx(item.parts, abs=1e-5) for item in like.items]
    assert [item.because for item in answer.items] == [item.because for item in like.items]
    known = bool(seen)
    unseen = {item.item_id for item in recommender.recommend_session(session, limit=50).items}
    if known:
        assert unseen == {item.item_id for item in recommender.recommend(owner, limit=50).items} - seen
        assert not unseen & SEEN.get(user, set())
    assert answer.notes == (() if known else (f"session {session!r} has no events: popular items are shown",))
    assert (answer.query_id, answer.user_id) == (session, owner if known else "")


def test_the_newest_event_of_a_session_counts_at_once(own: Path) -> None:
    recommender = Recommender.open(own)
    first = rows_of("user-0", "visit", [("space-0", "like", 1), ("space-1", "like", 2)])
    recommender.record(first)
    assert recommender.recommend_session("visit", limit=1).items[0].item_id.startswith("space")
    assert not recommender.recommend("user-0", limit=1).items[0].item_id.startswith("sailing")
    recommender.record(rows_of("user-0", "visit", [(f"sailing-{number}", "like", 5) for number in range(3)]))
    assert recommender.recommend_session("visit", limit=1).items[0].item_id.startswith("sailing")


def test_an_unknown_session_and_several(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    answers = recommender.recommend_sessions(["nowhere", "007"], limit=5)
    stranger = recommender.recommend("stranger", limit=5)
    assert [answer.query_id for answer in answers] == ["nowhere", "007"]
    for answer, name in zip(answers, ["nowhere", "007"], strict=True):
        assert answer.notes == (f"session {name!r} has no events: popular items are shown",)
        assert [item.item_id for item in answer.items] == [item.item_id for item in stranger.items]
    assert recommender.recommend_sessions([]) == []


def test_a_session_id_of_two_users_is_the_session_of_the_last(own: Path) -> None:
    recommender = Recommender.open(own)
    mine = [("space-0", "like", 1), ("space-1", "like", 5)]
    recommender.record([*rows_of("ann", "shared", mine), *rows_of("alone", "own", mine)])
    recommender.record(rows_of("bob", "shared", [(f"cooking-{number}", "like", number) for number in range(5)]))
    shared, own_session = recommender.recommend_sessions(["shared", "own"], limit=24)
    assert shared.items == own_session.items
    assert (shared.user_id, own_session.notes) == ("ann", ())
    assert shared.notes == (
        "session 'shared' has events of several users: those of 'ann', whose the last one is, count",
    )  # fmt: skip
    recommender.merge_user("bob", "ann")
    merged = recommender.recommend_session("shared", limit=24)
    assert (merged.user_id, merged.notes) == ("ann", ())
    assert not {item.item_id for item in merged.items} & {f"cooking-{number}" for number in range(5)}


def test_others_of_a_session_do_not_take_places_of_its_history(own: Path) -> None:
    store = Recommender.open(own)._live.workspace.store
    with store.write() as change:
        change.record([Event(f"u{n % 3}", f"space-{n % 3}", float(n), session_id="s") for n in range(9)])
    found = store.session_events("s", 3, user_id="u2")
    assert [(event.user_id, event.interaction.timestamp) for event in found] == [("u2", 2.0), ("u2", 5.0), ("u2", 8.0)]
