"""Hidden for ever and what takes it back; bought, once or to be bought again."""

from pathlib import Path

import pytest

from plait.config import Config, Events
from plait.recommender import Recommender
from plait.records import Interaction
from plait.rules.left_out import hidden_items, last_purchases
from plait.rules.settings import Rules
from tests.plait.rules.world import DAY, NOW


def deeds(*events: str) -> list[Interaction]:
    return [Interaction("i", event, None, float(place)) for place, event in enumerate(events)]


@pytest.mark.parametrize(
    ("events", "hidden"),
    [
        (["hide"], True), (["like", "hide"], True), (["hide", "view", "click"], True), (["hide", "dislike"], True),
        (["hide", "like"], False), (["hide", "purchase"], False), (["hide", "like", "hide"], True), (["like"], False),
    ],
)  # fmt: skip
def test_what_hides_and_what_takes_it_back(events: list[str], hidden: bool) -> None:
    assert hidden_items(deeds(*events), Events()) == ({"i"} if hidden else set())


def test_the_last_purchase_counts_unless_something_spoke_against_it() -> None:
    assert last_purchases(deeds("purchase", "view", "purchase", "view"), Events()) == {"i": 2.0}
    assert last_purchases(deeds("purchase", "dislike"), Events()) == {"i": float("inf")}
    assert last_purchases(deeds("dislike", "purchase"), Events()) == {"i": 1.0}
    assert last_purchases(deeds("like"), Events()) == {}


def listed(recommender: Recommender, *, day: float = 0, include_seen: bool = False) -> set[str]:
    ranking = recommender.recommend("buyer", limit=24, at=NOW + day * DAY, include_seen=include_seen)
    return {item.item_id for item in ranking.items}


def test_hidden_stays_hidden_behind_a_long_history(own: Path) -> None:
    (own / "plait.toml").write_text("[recommend]\nhistory = 3\n")
    recommender = Recommender.open(own)
    events = [("space-1", "hide"), *((f"space-{2 + n % 3}", "view") for n in range(9))]
    recommender.record(
        [
            {"user_id": "buyer", "item_id": item_id, "event": event, "timestamp": str(NOW + place)}
            for place, (item_id, event) in enumerate(events)
        ]
    )
    assert "space-1" not in listed(recommender)
    everything = listed(recommender, include_seen=True)
    assert (len(everything), "space-1" in everything) == (23, False)


def test_bought_items_of_consumable_categories_come_back(own: Path) -> None:
    recommender = Recommender.open(own)
    bought = [("space-0", "purchase"), ("cooking-0", "click"), ("cooking-0", "purchase"), ("cooking-1", "view")]
    recommender.record(
        [{"user_id": "buyer", "item_id": item_id, "event": event, "timestamp": str(NOW)} for item_id, event in bought]
    )
    assert not {"space-0", "cooking-0", "cooking-1"} & listed(recommender, day=99)
    consumable = {"cooking": 30.0}
    recommender._live.workspace.config = Config(rules=Rules(consumable=consumable))
    assert not {"space-0", "cooking-0"} & listed(recommender, day=29.9)
    assert {"space-0", "cooking-0", "cooking-1"} & listed(recommender, day=30) == {"cooking-0"}
    # Asked for with what was seen, all is there again.
    assert len(listed(recommender, include_seen=True)) == 24
    recommender._live.workspace.config = Config(rules=Rules(consumable=consumable, bought_once=True))
    assert {"space-0", "cooking-0", "cooking-1"} & listed(recommender, include_seen=True) == {"cooking-1"}
    assert {"space-0", "cooking-0"} & listed(recommender, day=30, include_seen=True) == {"cooking-0"}
    recommender.record([{"user_id": "buyer", "item_id": "cooking-0", "event": "hide", "timestamp": str(NOW + 9)}])
    assert not {"space-0", "cooking-0"} & listed(recommender, day=30, include_seen=True)
