"""Baskets: the score of somebody who liked them, and lifts counted pair by pair."""

from collections.abc import Iterator, Sequence
from math import exp, log
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.errors import WrongCall
from plait.flows import nearest
from plait.flows.baskets import WEIGHT
from plait.flows.paired import LEAST_SUPPORT, PRIOR
from plait.recommender import Recommender
from plait.selection import Selection
from tests.copying import copied
from tests.plait.flows.asking import shrink_candidate_search
from tests.plait.flows.test_paired import buy
from tests.plait.flows.test_selection import IDS

FEW = [f"{family}-{number}" for family in ("space", "cooking") for number in range(3)]
PURCHASES = st.lists(st.lists(st.sampled_from(FEW), min_size=1, max_size=4, unique=True), max_size=12)
BASKETS = st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True)


@pytest.fixture(scope="module", params=[False, True], ids=["all scored", "candidates searched"])
def patched(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            shrink_candidate_search(patch)
        yield


def counted_lifts(purchases: Sequence[Sequence[str]], item: str) -> dict[str, float]:
    """Return the logarithm of the shrunk lift of what was bought after an item; each purchase list is one user's."""
    after = [mine[mine.index(item) + 1 :] if item in mine else [] for mine in purchases]
    support = {other: sum(other in mine for mine in after) for other in FEW}
    buyers = {other: sum(other in mine for mine in purchases) for other in FEW}
    rest = sum(buyers.values()) - buyers.get(item, 0)
    lifts = {}
    for other, count in support.items():
        if other != item and count >= LEAST_SUPPORT:
            chance = sum(support.values()) * buyers[other] / rest
            lifts[other] = log((count + PRIOR) / (chance + PRIOR))
    return {other: lift for other, lift in lifts.items() if lift > 0}


@pytest.mark.usefixtures("patched")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PURCHASES, BASKETS)
def test_scores_are_the_rankers_and_counted_lifts(
    own_once: Path, tmp_path_factory: pytest.TempPathFactory, purchases: list[list[str]], basket: list[str]
) -> None:

    folder = copied(own_once, tmp_path_factory.mktemp("basket") / "workspace")
    # One purchase of what is in no pair: without any, likings would count.
    purchases = [*purchases, ["space-0"], *[["space-0", "cooking-0", "cooking-1"]] * 3]
    recommender = Recommender.open(folder)
    buy(recommender, *purchases)
    answer = recommender.recommend_basket(basket, limit=50)
    alone = {item.item_id: item for item in recommender.recommend_history(basket, Selection(50)).items}
    assert {item.item_id for item in answer.items} == set(IDS) - set(basket) == set(alone)
    lifts = [counted_lifts(purchases, item) for item in basket]
    for item in answer.items:
        added = WEIGHT * sum(lift.get(item.item_id, 0.0) for lift in lifts)
        assert item.parts["together"] == pytest.approx(added, abs=1e-6)
        ranker = {name: value for name, value in item.parts.items() if name != "together"}
        assert ranker == pytest.approx(alone[item.item_id].parts, abs=1e-4)
        assert item.score == pytest.approx(1 / (1 + exp(-sum(item.parts.values()))), abs=1e-6)
    scores = [item.score for item in answer.items]
    assert scores == sorted(scores, reverse=True)
    if nearest.EXACT_ROWS:  # where so few are searched, a shorter list may miss what a longer one finds
        assert recommender.recommend_basket(basket, limit=3).items == answer.items[:3]


def test_pairs_come_to_the_front_in_their_direction(own: Path) -> None:
    recommender = Recommender.open(own)
    buy(recommender, *[["space-0", "sailing-3"]] * 30, *[["cooking-0"], ["gardening-0"]] * 40)
    found = [item.item_id for item in recommender.recommend_basket(["cooking-1", "space-0"], limit=1).items]
    assert found == ["sailing-3"]
    back = recommender.recommend_basket(["sailing-3"], candidates=["space-0"]).items[0]
    assert back.parts["together"] == 0
    assert recommender.recommend_basket(["space-0"], where="categories = 'cooking'").items[0].parts["together"] == 0


def test_wrong_calls(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    with pytest.raises(WrongCall, match="--basket: item 'nowhere' is not in the catalogue"):
        recommender.recommend_basket(["space-0", "nowhere"])
    with pytest.raises(WrongCall, match="--basket names no item"):
        recommender.recommend_basket([])
    one, twice = (recommender.recommend_basket(ids, limit=4) for ids in (["space-0"], ["space-0", " space-0 "]))
    assert one == twice
