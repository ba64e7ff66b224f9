"""Suggested friends: beside a loop over the relations, never who is a friend already, read live from the store."""

from pathlib import Path

import pytest

from plait.flows.suggest_friends import COMMON
from plait.recommender import Recommender
from plait.records import Event, Relation
from tests.plait import toy

EDGES = [
    Relation("user-0", "user-1"), Relation("user-0", "user-2"), Relation("user-1", "user-3"),
    Relation("user-2", "user-3"), Relation("user-2", "user-0"), Relation("user-1", "newcomer"),
    Relation("user-0", "user-4", 0.0),
]  # fmt: skip


@pytest.fixture
def recommender(own: Path) -> Recommender:
    recommender = Recommender.open(own)
    with recommender._live.workspace.store.write() as change:
        change.upsert_relations(EDGES)
    return recommender


def test_common_friends_and_alike_taste_are_summed(recommender: Recommender) -> None:
    alike = {user.user_id: user.parts["cf"] for user in recommender.users_like("user-0", limit=50).items}
    found = recommender.suggest_friends("user-0", limit=50)
    common = {"user-3": 2, "newcomer": 1}
    assert {user.user_id for user in found.items} == {*toy.USERS, "newcomer"} - {"user-0", "user-1", "user-2", "user-4"}
    for user in found.items:
        expected = {"friends": COMMON * common.get(user.user_id, 0), "taste": alike.get(user.user_id, 0.0)}
        assert user.parts == pytest.approx(expected, abs=1e-5)
        assert user.score == pytest.approx(sum(user.parts.values()))
    scores = [user.score for user in found.items]
    assert scores == sorted(scores, reverse=True)
    assert [user.rank for user in found.items] == list(range(1, len(scores) + 1))


def test_pages_are_parts_of_one_list(recommender: Recommender) -> None:
    whole = recommender.suggest_friends("user-0", limit=50).items
    pages = [user for start in (0, 4, 8) for user in recommender.suggest_friends("user-0", limit=4, offset=start).items]
    assert pages == list(whole)[:12]


def test_a_relation_recorded_now_counts_now(recommender: Recommender) -> None:
    before = recommender.suggest_friends("user-0", limit=50)
    with recommender._live.workspace.store.write() as change:
        change.upsert_relations([Relation("user-0", "user-3")])
    after = recommender.suggest_friends("user-0", limit=50)
    assert {one.user_id for one in before.items} - {one.user_id for one in after.items} == {"user-3"}


def test_a_newcomer_with_friends_alone_and_a_stranger(recommender: Recommender) -> None:
    with recommender._live.workspace.store.write() as change:
        change.upsert_relations([Relation("newcomer", "user-2")])
    found = recommender.suggest_friends("newcomer", limit=2)
    assert {user.user_id for user in found.items} == {"user-0", "user-3"}
    assert found.notes == ()
    stranger = recommender.suggest_friends("stranger", limit=3)
    assert len(stranger.items) == 3
    assert [user.score for user in stranger.items] == [0.0] * 3
    assert "'stranger' has no friends of friends" in stranger.notes[0]


def test_who_is_no_person_is_offered_to_nobody(recommender: Recommender) -> None:
    def events(user_id: str, seconds: float, count: int) -> list[Event]:
        numbers = range(count)
        return [Event(user_id, f"space-{n % 3}", toy.START + n * seconds, event_id=f"{user_id}-{n}") for n in numbers]

    def suggested(user_id: str) -> set[str]:
        return {user.user_id for user in recommender.suggest_friends(user_id, limit=50).items}

    assert "bot" not in suggested("stranger")
    store = recommender._live.workspace.store
    with store.write() as change:
        change.record([*events("bot", 40.0, 2_001), *events("keen", 60.0, 2_001)])
        change.upsert_relations([Relation("user-1", "bot"), Relation("user-1", "keen")])
    for user_id in ("stranger", "user-0"):
        assert {"bot", "keen"} & suggested(user_id) == {"keen"}
    assert recommender.suggest_friends("stranger", limit=1).items[0].user_id == "keen"
    assert "bot" not in {user.user_id for user in recommender.users_like("user-0", limit=50).items}
    assert "bot" not in {user.user_id for user in recommender.users_like("stranger", limit=50).items}
    # Found anew by a process that begins now, and again after the next change.
    fresh = Recommender.open(recommender._live.workspace.folder)
    assert "bot" not in {user.user_id for user in fresh.suggest_friends("stranger", limit=50).items}
    recommender.record([{"user_id": "user-2", "item_id": "space-1", "event": "like"}])
    assert "bot" not in suggested("stranger")
