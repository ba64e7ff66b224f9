"""Friends as reasons: who liked an item is named where the score rests on friends, and nowhere else."""

from pathlib import Path

import pytest

from plait.flows.friends_likes import LATEST, MOST_FRIENDS, NAMED, with_friends
from plait.ranking import RankedItem
from plait.recommender import Recommender
from plait.records import Relation


@pytest.fixture
def recommender(own: Path) -> Recommender:
    recommender = Recommender.open(own)
    recommender.record([
        {"user_id": user, "item_id": item, "event": event, "timestamp": at}
        for user, item, event, at in (
            ("f1", "space-0", "like", 1), ("f2", "space-0", "purchase", 2), ("f3", "space-0", "dislike", 3),
            ("f2", "space-1", "like", 4), ("f1", "space-1", "skip", 5),
        )
    ])  # fmt: skip
    return recommender


def ranked(item_id: str, friends: float) -> RankedItem:
    return RankedItem(1, item_id, 0.5, "", {"taste": 1.0, "friends": friends})


def named(recommender: Recommender, items: list[RankedItem], friends: list[str]) -> list[tuple[str, ...]]:
    relations = [Relation("anna", friend) for friend in friends]
    return [item.friends for item in with_friends(recommender._live.workspace, items, relations)]


def test_friends_who_liked_an_item_are_named_in_their_order(recommender: Recommender) -> None:
    items = [ranked("space-0", 0.2), ranked("space-1", 0.1), ranked("space-2", 0.3)]
    assert named(recommender, items, ["f2", "f3", "f1", "stranger"]) == [("f2", "f1"), ("f2",), ()]


def test_nobody_is_named_where_the_score_does_not_rest_on_friends(recommender: Recommender) -> None:
    assert named(recommender, [ranked("space-0", 0.0), ranked("space-1", 0.1)], ["f1", "f2"]) == [(), ("f2",)]
    assert named(recommender, [ranked("space-0", 0.0)], ["f1", "f2"]) == [()]
    assert "friends" not in ranked("space-0", 0.0).to_json()


def test_few_are_named_and_few_looked_through(recommender: Recommender) -> None:
    many = [f"m{number:02}" for number in range(MOST_FRIENDS + 5)]
    recommender.record([
        {"user_id": user, "item_id": "space-3", "event": "like", "timestamp": 1} for user in many
    ])  # fmt: skip
    recommender.record([
        {"user_id": "m01", "item_id": "space-4", "event": "view", "timestamp": 2 + step} for step in range(LATEST)
    ])  # fmt: skip
    found = named(recommender, [ranked("space-3", 0.1)], many)[0]
    assert found == ("m00", "m02", "m03")[:NAMED]
    assert named(recommender, [ranked("space-3", 0.1)], ["f1"] * MOST_FRIENDS + many[:1]) == [()]
