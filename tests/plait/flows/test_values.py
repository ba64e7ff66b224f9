"""Values: odds of items added up value by value, by a loop."""

from collections import defaultdict
from math import exp
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.errors import WrongCall
from plait.flows import values as flow
from plait.flows.values import added_odds
from plait.recommender import Recommender
from tests.plait import toy
from tests.plait.conftest import Cli
from tests.plait.flows.test_selection import CANDIDATES, LIMIT, OFFSET, WHERE

VALUES: dict[str, dict[str, str | float]] = {
    "categories": {row["item_id"]: row["categories"] for row in toy.items()},
    "year": {row["item_id"]: float(row["year"]) for row in toy.items()},
}


@pytest.fixture(scope="module")
def recommender(own_once: Path) -> Recommender:
    return Recommender.open(own_once)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([*toy.USERS, "stranger"]), st.sampled_from(list(VALUES)), st.booleans(), WHERE, CANDIDATES, LIMIT,
    OFFSET,
)  # fmt: skip
def test_values_are_ranked_by_the_odds_of_their_items(
    recommender: Recommender, user: str, attribute: str, again: bool, where: str, candidates: list[str] | None,
    limit: int, offset: int,
) -> None:  # fmt: skip
    items = recommender.recommend(user, limit=50, where=where, candidates=candidates, include_seen=again).items
    odds: dict[object, float] = defaultdict(float)
    members: dict[object, list[str]] = defaultdict(list)
    for item in items:
        value = VALUES[attribute][item.item_id]
        odds[value] += exp(sum(item.parts.values()))
        members[value].append(item.item_id)
    answer = recommender.rank_values(
        user, attribute, limit=limit, offset=offset, where=where, candidates=candidates, include_seen=again
    )
    whole = sorted(odds.values(), reverse=True)[offset : offset + limit]
    assert [group.score for group in answer.groups] == pytest.approx([one / (1 + one) for one in whole], abs=1e-5)
    assert [group.rank for group in answer.groups] == list(range(offset + 1, offset + 1 + len(whole)))
    for group in answer.groups:
        assert group.score == pytest.approx(odds[group.value] / (1 + odds[group.value]), abs=1e-5)
        assert [item.item_id for item in group.items] == members[group.value][:3]
        assert [item.rank for item in group.items] == list(range(1, len(group.items) + 1))
    assert bool(answer.notes) == (user == "stranger")
    assert (answer.user_id, answer.attribute) == (user, attribute)


def test_an_item_of_several_values_counts_for_each(own: Path) -> None:
    recommender = Recommender.open(own)
    recommender.update_items([{"item_id": "space-0", "tags": "a|b"}, {"item_id": "space-1", "tags": "b|c"}])
    answer = recommender.rank_values("user-0", "tags")
    score = {item.item_id: item.score for item in recommender.recommend("user-0", limit=50).items}
    odds = [score[name] / (1 - score[name]) for name in ("space-0", "space-1")]
    wanted = {"a": odds[0], "b": sum(odds), "c": odds[1]}
    assert {group.value: group.score / (1 - group.score) for group in answer.groups} == pytest.approx(wanted, rel=1e-4)
    assert answer.groups[0].value == "b"
    nothing = recommender.rank_values("user-0", "tags", candidates=["cooking-5", "gardening-3"])
    assert (nothing.groups, nothing.notes) == ((), ("none of these items has a value of tags",))


def test_only_the_best_items_count(recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "BEST_ITEMS", 2)
    best = recommender.recommend("user-0", limit=2).items
    answer = recommender.rank_values("user-0", "categories")
    assert {item.item_id for group in answer.groups for item in group.items} == {item.item_id for item in best}


@given(st.lists(st.tuples(st.floats(-30, 30), st.integers(0, 3)), max_size=12))
def test_odds_are_added(entries: list[tuple[float, int]]) -> None:
    logits = np.asarray([logit for logit, _ in entries])
    codes = np.asarray([code for _, code in entries], dtype=np.int64)
    for code, total in enumerate(added_odds(logits, codes, 4).tolist()):
        assert exp(total) == pytest.approx(sum(exp(logit) for logit, its in entries if its == code))


def test_dates_are_iso(own: Path, cli: Cli) -> None:
    recommender = Recommender.open(own)
    times = {"space-0": "2020-02-03", "space-1": "2020-02-03T04:05:06Z", "space-2": "1580702706"}
    recommender.update_items([{"item_id": item_id, "created_at": at} for item_id, at in times.items()])
    answer = recommender.rank_values("user-8", "created_at", include_seen=True, candidates=list(times))
    # The third is the second, in Unix seconds.
    assert {group.value: len(group.items) for group in answer.groups} == {"2020-02-03": 1, "2020-02-03T04:05:06Z": 2}
    outcome = cli("recommend", own, "--user", "user-8", "--include-seen", "--rank-by", "created_at")
    assert "2020-02-03T04:05:06Z" in outcome.out
    assert "e+09" not in outcome.out


def test_what_rules_leave_is_said_of_values(own: Path) -> None:
    (own / "plait.toml").write_text('[rules]\nexclude = ["space-0"]\n[rules.max_per]\nyear = 1\n', encoding="utf-8")
    answer = Recommender.open(own).rank_values("stranger", "categories", limit=2)
    years = {row["year"] for row in toy.items() if row["item_id"] != "space-0"}
    assert answer.notes == (
        "user 'stranger' has no events: popular items are shown",
        f"the rules leave {len(years)} items whose values are ranked",
    )


def test_unknown_attribute(recommender: Recommender) -> None:
    with pytest.raises(WrongCall, match="no attribute maker; known are categories, created_at, item_id, year"):
        recommender.rank_values("user-0", "maker")
