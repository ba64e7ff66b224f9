"""Cold start: what a new item is like, and whom it suits."""

import math
from pathlib import Path

import pytest

from embedders.items import Item
from plait.errors import WrongCall
from plait.flows import audience as audience_module
from plait.recommender import Recommender
from tests.plait import toy


@pytest.fixture(scope="module")
def recommender(trained_once: Path) -> Recommender:
    return Recommender.open(trained_once)


def test_what_it_is_like_is_what_search_finds(recommender: Recommender) -> None:
    answer = recommender.cold_start(title="Trawler", description="a boat at sea", limit=6)
    found = recommender.search(Item("", "Trawler", "a boat at sea").text, limit=6)
    assert [item.item_id for item in answer.similar.items] == [item.item_id for item in found.items]
    for item in answer.similar.items:
        assert item.score == pytest.approx(sum(item.parts.values()), abs=1e-4)
    assert {item.item_id.split("-")[0] for item in answer.similar.items[:3]} == {"sailing"}


def test_parts_of_the_audience_sum_to_the_score(recommender: Recommender) -> None:
    audience = recommender.cold_start(description="recipes to cook and bake", limit=50).audience
    assert {user.user_id for user in audience} == set(toy.USERS)
    for user in audience:
        assert user.score == pytest.approx(1 / (1 + math.exp(-sum(user.parts.values()))), abs=1e-4)
        assert "bias" in user.parts
    scores = [user.score for user in audience]
    assert scores == sorted(scores, reverse=True)


def test_it_suits_those_who_like_its_kind(recommender: Recommender) -> None:
    for place, family in enumerate(toy.FAMILIES):
        audience = recommender.cold_start(description=toy.TEXTS[family], limit=3).audience
        assert {int(user.user_id.split("-")[1]) % 4 for user in audience} == {place}


def test_pages_of_the_audience(recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = recommender.cold_start(description="stars", limit=12).audience
    monkeypatch.setattr(audience_module, "USERS_AT_ONCE", 5)
    page = recommender.cold_start(description="stars", limit=4, offset=4).audience
    assert [user.user_id for user in page] == [user.user_id for user in whole[4:8]]
    assert [user.score for user in page] == pytest.approx([user.score for user in whole[4:8]], abs=1e-6)


def test_candidates_and_where_choose_what_it_is_like(recommender: Recommender) -> None:
    answer = recommender.cold_start(description="stars", limit=50, where="year = 1990")
    assert {item.item_id for item in answer.similar.items} == {f"{family}-0" for family in toy.FAMILIES}
    answer = recommender.cold_start(description="stars", candidates=["cooking-1", "nowhere"])
    assert [item.item_id for item in answer.similar.items] == ["cooking-1"]


def test_attributes_are_read_as_the_catalogues(recommender: Recommender) -> None:
    given = {"year": "1990", "categories": "space|sailing"}
    described = recommender.cold_start(description="stars", attributes=given)
    assert len(described.audience) == 10
    with pytest.raises(WrongCall, match="'colour' is not known; expected one of categories, year"):
        recommender.cold_start(description="stars", attributes={"colour": "red"})
    with pytest.raises(WrongCall, match="attribute year: 'old' is no number"):
        recommender.cold_start(description="stars", attributes={"year": "old"})


def test_nothing_said(recommender: Recommender) -> None:
    with pytest.raises(WrongCall, match="empty"):
        recommender.cold_start()


def test_it_scores_as_it_does_once_it_is_added(built: Path) -> None:
    recommender = Recommender.open(built)
    audience = recommender.cold_start(title="Pizza", description="dough and tomatoes", limit=12).audience
    recommender.add_items([{"item_id": "pizza", "title": "Pizza", "description": "dough and tomatoes"}])
    scored = recommender.score([{"user_id": user.user_id, "item_id": "pizza"} for user in audience])
    assert [user.score for user in audience] == pytest.approx([pair.score for pair in scored.pairs], abs=1e-4)


def test_without_users_nobody_is_the_audience(tmp_path: Path, toy_files: Path) -> None:
    recommender = Recommender.build(tmp_path / "workspace", items=toy.items()[:4])
    answer = recommender.cold_start(description="stars")
    assert answer.audience == ()
    assert len(answer.similar.items) == 4
