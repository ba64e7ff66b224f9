"""Somebody who never clicks: what they were shown leaves the first ten after the stated number, and comes back."""

from pathlib import Path

import pytest

from plait.config import Config
from plait.recommender import Recommender
from plait.records import Exposure
from plait.rules.settings import Fatigue, Rules
from tests.plait.rules.world import DAY, NOW

IMPRESSIONS, DAYS = 3, 10


@pytest.fixture
def recommender(own: Path) -> Recommender:
    opened = Recommender.open(own)
    rules = Rules(fatigue=Fatigue(impressions=IMPRESSIONS, days=DAYS, lowers=0.01))
    opened._live.workspace.config = Config(rules=rules)
    return opened


def top(recommender: Recommender, day: float) -> list[str]:
    return [item.item_id for item in recommender.recommend("idle", limit=10, at=NOW + day * DAY).items]


def show(recommender: Recommender, ids: list[str], day: float, event: str = "impression") -> None:
    rows = [
        {"user_id": "idle", "item_id": item_id, "event": event, "timestamp": str(NOW + day * DAY)} for item_id in ids
    ]
    recommender.record(rows)


def test_it_leaves_after_the_stated_number_and_comes_back(recommender: Recommender) -> None:
    first = top(recommender, 0)
    shown: dict[str, list[int]] = {}
    for day in range(30):
        listed = top(recommender, day + 0.5)
        rested = [item_id for item_id, days in shown.items() if sum(day - d < DAYS for d in days) >= IMPRESSIONS]
        # 24 items: who rests is listed only where there are not ten who do not.
        assert len(set(listed) & set(rested)) == max(0, 10 - (24 - len(rested)))
        show(recommender, listed, day + 0.4)
        for item_id in listed:
            shown.setdefault(item_id, []).append(day)
    assert shown[first[0]][:IMPRESSIONS] == [0, 1, 2]
    # It came back as soon as it was rested: within the days, not once and for all.
    assert any(day - IMPRESSIONS + 1 <= DAYS + 1 for day in shown[first[0]][IMPRESSIONS:])
    assert len(shown) == 24


def test_each_showing_lowers_and_time_raises_again(recommender: Recommender) -> None:
    best = top(recommender, 0)[0]
    parts = []
    for day in (0.0, 1.0):
        show(recommender, [best], day)
    for day in (1.0, 5.0, 10.5, 11.5):
        items = recommender.recommend("idle", limit=24, at=NOW + day * DAY).items
        parts.append(next(item.parts.get("fatigue", 0.0) for item in items if item.item_id == best))
    assert parts == pytest.approx([-0.01 * (0.9 + 1.0), -0.01 * (0.5 + 0.6), -0.01 * 0.05, 0.0])


def test_a_positive_event_wipes_what_was_before_it(recommender: Recommender) -> None:
    best = top(recommender, 0)[0]
    for day in (0.0, 0.1, 0.2):
        show(recommender, [best], day)
    assert best not in top(recommender, 1)
    show(recommender, [best], 0.3, event="click")
    ranking = recommender.recommend("idle", limit=24, include_seen=True, at=NOW + DAY)
    assert all("fatigue" not in item.parts for item in ranking.items if item.item_id == best)
    show(recommender, [best], 0.4)
    ranking = recommender.recommend("idle", limit=24, include_seen=True, at=NOW + DAY)
    assert [item.parts["fatigue"] for item in ranking.items if item.item_id == best] == pytest.approx([-0.01 * 0.94])


def test_slates_count_as_showings_and_those_seen_as_well_count_once(recommender: Recommender) -> None:
    store = recommender._live.workspace.store
    best, other = top(recommender, 0)[:2]
    slates = [Exposure(f"r{n}", "idle", NOW + n, "plain", (best, other), (1.0, 1.0)) for n in range(3)]
    with store.write() as change:
        change.add_exposures(slates[:2])
    seen = {"user_id": "idle", "event": "impression", "recommendation_id": "r1", "timestamp": str(NOW + 5)}
    recommender.record([seen | {"item_id": best}])
    assert sorted(store.showings("idle", since=NOW - 1)) == sorted(
        [(best, NOW), (best, NOW + 5), (other, NOW), (other, NOW + 1)]
    )
    items = recommender.recommend("idle", limit=24, at=NOW + DAY / 2).items
    assert {item.item_id: item.parts["fatigue"] for item in items if "fatigue" in item.parts} == pytest.approx(
        dict.fromkeys([best, other], -0.01 * 2 * 0.95), abs=1e-5
    )
    with store.write() as change:
        change.add_exposures(slates[2:])
    assert not {best, other} & set(top(recommender, 0.5))
    assert store.showings("somebody", since=0) == []
