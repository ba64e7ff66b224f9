"""Profile: recent events newest first with their attention, interests, and what lies nearest."""

from pathlib import Path

import pytest

from plait.flows.asked import SEARCH_WEIGHT
from plait.recommender import Recommender


def test_a_profile_by_hand(own: Path) -> None:
    recommender = Recommender.open(own)
    recommender.record(
        [
            {"user_id": "ada", "item_id": item_id, "event": event, "timestamp": str(1_700_000_000 + place)}
            for place, (item_id, event) in enumerate(
                [("space-0", "like"), ("cooking-0", "view"), ("space-1", "impression"), ("sailing-0", "dislike"),
                 ("space-2", "purchase")]
            )
        ]
    )  # fmt: skip
    answer = recommender.profile("ada", limit=4)
    assert (answer.user_id, answer.events, answer.notes) == ("ada", 5, ())
    assert [(event.item_id, event.event, event.weight) for event in answer.recent] == [
        ("space-2", "purchase", 1.2), ("sailing-0", "dislike", -1.0), ("cooking-0", "view", 0.2),
        ("space-0", "like", 1.0),
    ]  # fmt: skip
    attention = {event.item_id: event.attention for event in answer.recent}
    assert attention["sailing-0"] == 0
    assert sum(attention.values()) == pytest.approx(1, abs=1e-5)
    assert attention["space-2"] > attention["space-0"] > attention["cooking-0"] > 0
    assert {item.item_id.split("-")[0] for item in answer.nearest} == {"space"}
    scores = [item.score for item in answer.nearest]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)
    assert sorted(item_id for group in answer.interests for item_id in group) == ["cooking-0", "space-0", "space-2"]


def test_attention_stays_with_its_event_when_items_are_gone(own: Path) -> None:
    recommender = Recommender.open(own)
    rows = [
        {"user_id": "ada", "item_id": item_id, "event": "like", "timestamp": str(1_700_000_000 + place)}
        for place, item_id in enumerate(["space-0", "space-1", "cooking-0"])
    ]
    recommender.record(rows)
    recommender.remove_items(["space-1"])
    answer = recommender.profile("ada")
    assert [event.item_id for event in answer.recent] == ["cooking-0", "space-0"]
    assert sum(event.attention for event in answer.recent) == pytest.approx(1, abs=1e-5)
    assert answer.events == 3


def test_an_unknown_user(own_once: Path) -> None:
    answer = Recommender.open(own_once).profile("stranger")
    assert (answer.events, answer.recent, answer.interests, answer.nearest) == (0, (), (), ())
    assert answer.notes == ("user 'stranger' has no events: nothing is known of their taste",)


def test_reasons_and_profile_agree(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    attended = {event.item_id for event in recommender.profile("user-4").recent if event.attention > 0}
    for item in recommender.recommend("user-4", limit=24).items:
        assert {reason.item_id for reason in item.because} <= attended


def test_searches_enter_the_profile(built: Path) -> None:
    """Who only searched is answered by what they asked for; beside likings a search is one of several voices."""
    recommender = Recommender.open(built)
    recommender.record(
        [
            {"user_id": "asker", "event": "search", "query": query, "timestamp": str(1_700_000_000 + place)}
            for place, query in enumerate(["tulips", "rockets, planets and astronauts"])
        ]
    )
    only = recommender.profile("asker")
    assert (only.events, only.recent, only.interests, only.notes) == (2, (), (), ())
    assert [(one.query, one.weight) for one in only.queries] == [
        ("rockets, planets and astronauts", SEARCH_WEIGHT), ("tulips", SEARCH_WEIGHT),
    ]  # fmt: skip
    assert sum(one.attention for one in only.queries) == pytest.approx(1, abs=1e-5)
    assert only.queries[0].attention > only.queries[1].attention > 0
    assert only.nearest[0].item_id.startswith("space")
    assert only.to_json()["queries"][0]["query"] == "rockets, planets and astronauts"
    assert recommender.recommend("asker", limit=1).items[0].parts["content"] > 0

    like = {"user_id": "asker", "item_id": "cooking-0", "event": "like", "timestamp": str(1_700_000_010)}
    recommender.record([like])
    both = recommender.profile("asker")
    assert 0 < both.recent[0].attention < 1
    assert both.recent[0].attention + sum(one.attention for one in both.queries) == pytest.approx(1, abs=1e-5)


def test_a_search_of_no_weight_says_nothing(built: Path) -> None:
    (built / "plait.toml").write_text((built / "plait.toml").read_text() + "\n[events.weights]\nsearch = 0\n")
    recommender = Recommender.open(built)
    recommender.record([{"user_id": "asker", "event": "search", "query": "rockets", "timestamp": "1700000000"}])
    answer = recommender.profile("asker")
    assert (answer.queries, answer.nearest) == ((), ())
    assert "queries" not in answer.to_json()


def test_searches_of_a_workspace_that_cannot_encode_are_passed_over(own: Path) -> None:
    recommender = Recommender.open(own)
    before = [item.item_id for item in recommender.recommend("user-3").items]
    recommender.record([{"user_id": "user-3", "event": "search", "query": "rockets", "timestamp": "1750000000"}])
    assert [item.item_id for item in recommender.recommend("user-3").items] == before
    assert recommender.profile("user-3").queries == ()
