"""The audience of an item: those to whom it would be recommended, held against the scores of pairs."""

from pathlib import Path

import pytest

from plait.errors import WrongCall
from plait.flows import audience as audience_module
from plait.recommender import Recommender
from tests.plait import toy


@pytest.fixture(scope="module")
def recommender(own_once: Path) -> Recommender:
    return Recommender.open(own_once)


def met(item_id: str) -> set[str]:
    return {row["user_id"] for row in toy.interactions() if row["item_id"] == item_id}


@pytest.mark.parametrize("item_id", ["space-0", "cooking-3", "gardening-5"])
def test_it_is_who_has_not_met_it_by_the_scores_of_pairs(recommender: Recommender, item_id: str) -> None:
    found = recommender.audience(item_id, limit=50).users
    assert {user.user_id for user in found} == set(toy.USERS) - met(item_id) != set(toy.USERS)
    pairs = [{"user_id": user.user_id, "item_id": item_id} for user in found]
    scores = [pair.score for pair in recommender.score(pairs).pairs]
    assert [user.score for user in found] == pytest.approx(scores, abs=1e-6)
    assert scores == sorted(scores, reverse=True)
    shown = recommender.recommend(found[0].user_id, limit=24)
    same = next(item for item in shown.items if item.item_id == item_id)
    assert dict(found[0].parts) == pytest.approx(dict(same.parts), abs=1e-4)


def test_pages_and_batches(recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = recommender.audience("space-0", limit=50).users
    monkeypatch.setattr(audience_module, "USERS_AT_ONCE", 3)
    page = recommender.audience("space-0", limit=3, offset=2).users
    assert [user.user_id for user in page] == [user.user_id for user in whole[2:5]]


def test_an_unknown_item_is_a_wrong_call(recommender: Recommender) -> None:
    with pytest.raises(WrongCall, match="item 'nowhere' is not in the catalogue"):
        recommender.audience("nowhere")
