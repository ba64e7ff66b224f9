"""Recommend: parts that sum to the score, reasons by attention, batches that are their members."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plait.errors import WrongCall
from plait.flows import recommend as recommend_module
from plait.flows.recommend import sigmoid
from plait.ranking import RankedItem
from plait.recommender import Recommender
from plait.records import Relation, User
from plait.selection import Selection
from ranker.combination import PARTS as WEIGHED
from ranker.combination import TOLD_BY_HISTORY
from tests.plait import toy

TOLERANCE = 1e-4
PARTS = {"cf", "items", "sequence", "taste", "friends", "content", "cold", "popularity", "bias"}


@pytest.fixture(params=["own_once", "built_once"])
def recommender(request: pytest.FixtureRequest) -> Recommender:
    """A trained and an untrained workspace."""
    folder = request.getfixturevalue(request.param)
    assert isinstance(folder, Path)
    return Recommender.open(folder)


def check_parts(item: RankedItem) -> None:
    assert set(item.parts) == PARTS
    assert item.score == pytest.approx(1 / (1 + np.exp(-sum(item.parts.values()))), abs=TOLERANCE)


def test_parts_sum_to_the_score(recommender: Recommender) -> None:
    for ranking in recommender.recommend([*toy.USERS, "stranger"], limit=24):
        assert ranking.items
        for item in ranking.items:
            check_parts(item)


def test_parts_of_a_history_and_of_a_description(own_once: Path, built_once: Path) -> None:
    rankings = [
        Recommender.open(own_once).recommend_history(["space-0", "space-1"], Selection(24)),
        Recommender.open(built_once).recommend_description("ships at sea", Selection(24)),
    ]
    for ranking in rankings:
        assert len(ranking.items) >= 22
        for item in ranking.items:
            check_parts(item)
        assert len({item.score for item in ranking.items}) > 1


def test_reasons_are_shares_of_the_history(recommender: Recommender) -> None:
    for user in toy.USERS:
        liked = {row["item_id"] for row in toy.interactions() if row["user_id"] == user}
        for item in recommender.recommend(user, limit=24).items:
            told = sum(item.parts[part] for part in TOLD_BY_HISTORY)
            assert (1 <= len(item.because) <= 3) if told > 0 else not item.because
            assert {reason.item_id for reason in item.because} <= liked
            shares = [reason.attention for reason in item.because]
            assert shares == sorted(shares, reverse=True)
            assert 0 <= sum(shares) <= 1 + TOLERANCE


def test_what_weighs_nothing_is_no_reason(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    assert any(item.because for item in recommender.recommend("user-0", limit=24).items)
    ranker = recommender._live.refresh().models.ranker
    knots = ranker.combination.knots.copy()
    knots[:, [WEIGHED.index(part) for part in TOLD_BY_HISTORY]] = 0.0
    object.__setattr__(ranker, "combination", replace(ranker.combination, knots=knots))
    for answer in (
        recommender.recommend("user-0", limit=24, language="en"),
        recommender.recommend_group(["user-0", "user-1"], limit=24, strategy="least-misery"),
    ):
        assert len(answer.items) >= 6
        for item in answer.items:
            assert sum(item.parts[part] for part in TOLD_BY_HISTORY) == 0
            assert not item.because
            assert not item.sentence.startswith("Because")


def test_reasons_are_like_the_item(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    ranking = recommender.recommend_history(["space-0", "cooking-0", "sailing-0"], Selection(24))
    shares = {item.item_id: {reason.item_id: reason.attention for reason in item.because} for item in ranking.items}
    # Of what the history speaks against it is no reason.
    shares = {item_id: given for item_id, given in shares.items() if given}
    assert len(shares) >= 9
    for family in ("space", "cooking", "sailing"):
        mine = [given[f"{family}-0"] for item_id, given in shares.items() if item_id.startswith(family)]
        others = [given[f"{family}-0"] for item_id, given in shares.items() if not item_id.startswith(family)]
        assert np.mean(mine) > np.mean(others) + 0.2


def test_an_unknown_user_gets_popular_items_and_a_note(recommender: Recommender) -> None:
    ranking = recommender.recommend("stranger", limit=24)
    assert ranking.user_id == "stranger"
    assert len(ranking.notes) == 1
    assert "'stranger'" in ranking.notes[0]
    popularity = [item.parts["popularity"] for item in ranking.items]
    assert popularity == sorted(popularity, reverse=True)
    for item in ranking.items:
        assert not item.because
        assert item.parts["content"] == item.parts["cf"] == item.parts["items"] == 0


def test_popular_items_are_those_with_most_events(built_once: Path) -> None:
    counts: dict[str, int] = {}
    for row in toy.interactions():
        counts[row["item_id"]] = counts.get(row["item_id"], 0) + 1
    first = Recommender.open(built_once).recommend("stranger", limit=1).items[0].item_id
    assert counts[first] == max(counts.values())


def test_tastes_are_met(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    for number, user in enumerate(toy.USERS):
        family = list(toy.FAMILIES)[number % 4]
        top = [item.item_id for item in recommender.recommend(user, limit=2).items]
        assert {item_id.split("-")[0] for item_id in top} == {family}


def test_batches_are_their_members(recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommend_module, "USERS_AT_ONCE", 5)
    users = [*toy.USERS, "stranger", "user-3"]
    rankings = recommender.recommend(users, limit=7, where="year > 1990")
    assert [ranking.user_id for ranking in rankings] == users
    for user, ranking in zip(users, rankings, strict=True):
        alone = recommender.recommend(user, limit=7, where="year > 1990")
        assert [item.item_id for item in ranking.items] == [item.item_id for item in alone.items]
        assert [item.score for item in ranking.items] == pytest.approx([i.score for i in alone.items], abs=1e-5)
        assert [[r.item_id for r in i.because] for i in ranking.items] == [
            [r.item_id for r in i.because] for i in alone.items
        ]
        assert ranking.notes == alone.notes


def test_no_users_no_rankings(own_once: Path) -> None:
    assert Recommender.open(own_once).recommend([]) == []


def test_seen_items_come_back_when_asked_for(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    seen = {row["item_id"] for row in toy.interactions() if row["user_id"] == "user-1"}
    whole = recommender.recommend("user-1", limit=50, include_seen=True)
    assert {item.item_id for item in whole.items} == {row["item_id"] for row in toy.items()}
    unseen = recommender.recommend("user-1", limit=50)
    assert [i.item_id for i in whole.items if i.item_id not in seen] == [i.item_id for i in unseen.items]


def test_a_history_is_answered_like_a_user_who_did_the_same(own: Path) -> None:
    recommender = Recommender.open(own)
    history = ["gardening-1", "gardening-4", "space-2"]
    rows = [
        {"user_id": "same", "item_id": item_id, "event": "like", "timestamp": str(1_700_000_000 + place)}
        for place, item_id in enumerate(history)
    ]
    recommender.record(rows)
    named = recommender.recommend("same", limit=24)
    given = recommender.recommend_history(history, Selection(24))
    assert [item.item_id for item in given.items] == [item.item_id for item in named.items]
    assert [item.score for item in given.items] == pytest.approx([item.score for item in named.items], abs=1e-6)


def test_a_history_of_unknown_items(own_once: Path) -> None:
    with pytest.raises(WrongCall, match="'nowhere'"):
        Recommender.open(own_once).recommend_history(["space-0", "nowhere"], Selection())


def test_a_description_finds_its_family(built_once: Path) -> None:
    ranking = Recommender.open(built_once).recommend_description("rockets, planets and astronauts", Selection(4))
    assert {item.item_id.split("-")[0] for item in ranking.items} == {"space"}


def test_sigmoid_is_the_logistic_function_without_overflow() -> None:
    values = np.array([-1000.0, -3.0, 0.0, 2.5, 1000.0])
    expected = [0.0, 1 / (1 + np.exp(3.0)), 0.5, 1 / (1 + np.exp(-2.5)), 1.0]
    np.testing.assert_allclose(sigmoid(values), expected, rtol=1e-12)


def test_askers_carry_what_is_known_without_events(own: Path) -> None:
    recommender = Recommender.open(own)
    with recommender._live.workspace.store.write() as change:
        change.upsert_users([User("stranger", {"age": 30.0}), User("user-1", {"age": 20.0})])
        change.upsert_relations([Relation("stranger", "user-1", 2.0), Relation("user-1", "stranger")])
    stranger, unknown, user = recommend_module.askers(recommender._live, ["stranger", "nobody", "user-1"])
    assert (stranger.attributes, stranger.friends) == ({"age": 30.0}, [Relation("stranger", "user-1", 2.0)])
    assert (unknown.attributes, unknown.friends) == ({}, [])
    assert user.attributes == {"age": 20.0}
    assert user.events


def test_a_description_counts_after_a_training_too(trained_once: Path) -> None:
    recommender = Recommender.open(trained_once)
    for family, text in toy.TEXTS.items():
        ranking = recommender.recommend_description(text, Selection(limit=3))
        assert {item.item_id.split("-")[0] for item in ranking.items} == {family}
        for item in ranking.items:
            assert item.score == pytest.approx(1 / (1 + math.exp(-sum(item.parts.values()))), abs=1e-4)
