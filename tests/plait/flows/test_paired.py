"""What goes with an item: direction, the counts shown, living items only, and what fills the rest."""

from collections.abc import Sequence
from math import exp, log
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.errors import WrongCall
from plait.flows.paired import PRIOR
from plait.ranking import RankedItem, Ranking
from plait.recommender import Recommender
from tests.copying import copied
from tests.plait import toy
from tests.plait.flows.test_selection import CANDIDATES, CONDITIONS, IDS, LIMIT, OFFSET, WHERE, check, eligible

START = toy.START
KINDS = ["bought-together", "next"]


def buy(recommender: Recommender, *baskets: Sequence[str], event: str = "purchase") -> None:
    """Let a new user for each basket buy its items, one an hour."""
    recommender.record(
        [
            {"user_id": f"buyer-{user}", "item_id": item_id, "event": event, "timestamp": str(START + 3_600 * hour)}
            for user, basket in enumerate(baskets)
            for hour, item_id in enumerate(basket)
        ]
    )


def with_pair(ranking: Ranking) -> list[RankedItem]:
    return [item for item in ranking.items if item.pair]


@pytest.mark.parametrize("kind", KINDS)
def test_direction_matters(own: Path, kind: str) -> None:
    recommender = Recommender.open(own)
    buy(recommender, *[["space-0", "sailing-3"]] * 4, ["cooking-5", "cooking-4"], ["space-5"])
    there, back = recommender.similar("space-0", kind=kind), recommender.similar("sailing-3", kind=kind)
    assert there.items[0].item_id == "sailing-3"
    assert there.items[0].pair["support"] == 4
    assert "space-0" not in [item.item_id for item in with_pair(back)]


def test_bought_together_by_hand(own: Path) -> None:
    recommender = Recommender.open(own)
    buy(recommender, *[["space-0", "sailing-3"]] * 4, ["space-0", "cooking-5"], ["space-5"] * 2)
    ranking = recommender.similar("space-0", kind="bought-together", limit=30)
    # Once is too seldom: of five followings four are of sailing-3, which has four of the six other purchases.
    assert [(item.item_id, item.pair) for item in with_pair(ranking)] == [
        ("sailing-3", {"support": 4, "lift": pytest.approx(4 / (5 * 4 / 6))})
    ]
    first = ranking.items[0]
    assert first.score == pytest.approx(log((4 + PRIOR) / (5 * 4 / 6 + PRIOR)))
    assert first.parts == pytest.approx({"counted": log(4 / PRIOR + 1), "chance": -log(5 * 4 / 6 / PRIOR + 1)})
    assert ranking.notes == (
        "the first 1 were bought together with 'space-0': the items after them are like it by content",
    )
    assert recommender.similar("space-1", kind="bought-together").notes == (
        "nothing eligible was bought together with 'space-1' often enough: these items are like it by content",
    )
    assert recommender.similar("space-0", kind="bought-together", limit=1).notes == ()


def test_purchases_far_apart_are_not_together(own: Path) -> None:
    recommender = Recommender.open(own)
    rows = [
        {"user_id": f"buyer-{user}", "item_id": item_id, "event": "purchase", "timestamp": str(START + days * 86_400)}
        for user in range(4)
        for item_id, days in (("space-0", 0), ("sailing-3", 8), ("cooking-1", 6))
    ]  # fmt: skip
    recommender.record([*rows, {**rows[0], "user_id": "buyer-9", "item_id": "space-5"}])
    assert [i.item_id for i in with_pair(recommender.similar("space-0", kind="bought-together"))] == ["cooking-1"]


def test_purchases_of_one_session_are_together_however_far_apart(own: Path) -> None:
    recommender = Recommender.open(own)
    recommender.record(
        [
            {
                "user_id": f"buyer-{user}", "item_id": item_id, "event": "purchase", "session_id": session,
                "timestamp": str(START + days * 86_400),
            }
            for user in range(4)
            for item_id, days, session in (
                ("space-0", 0, f"order-{user}"), ("sailing-3", 8, f"order-{user}"), ("cooking-1", 9, "other"),
                ("cooking-2", 8, ""),
            )
        ]
    )  # fmt: skip
    there = with_pair(recommender.similar("space-0", kind="bought-together"))
    assert [item.item_id for item in there] == ["sailing-3"]
    # What came first in the session does not follow what came later.
    back = with_pair(recommender.similar("sailing-3", kind="bought-together"))
    assert "space-0" not in [item.item_id for item in back]


def test_likings_where_nothing_was_ever_bought(own_once: Path) -> None:
    """user-0 likes cooking-0 to 3, user-4 cooking-4, 5, 0, 1, an hour each."""
    recommender = Recommender.open(own_once)
    together = {
        i.item_id: i.pair["support"] for i in with_pair(recommender.similar("cooking-0", kind="bought-together"))
    }
    assert together["cooking-1"] == 2
    (following,) = with_pair(recommender.similar("cooking-0", kind="next"))
    assert (following.item_id, following.pair["support"]) == ("cooking-1", 2)


def test_what_is_recorded_is_in_the_next_answer_and_what_is_removed_is_gone(own: Path) -> None:
    recommender, other = Recommender.open(own), Recommender.open(own)
    assert not any(i.item_id == "sailing-3" for i in with_pair(other.similar("space-0", kind="next")))
    buy(recommender, *[["space-0", "sailing-3"]] * 6)
    assert other.similar("space-0", kind="next").items[0].item_id == "sailing-3"
    assert other.similar("space-0", kind="next") == recommender.similar("space-0", kind="next")
    recommender.remove_items(["sailing-3"])
    answer = other.similar("space-0", kind="next", limit=50)
    assert "sailing-3" not in [item.item_id for item in answer.items]
    assert len(answer.items) == 22


@pytest.fixture(scope="module")
def bought(own_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    """The toy workspace with purchases of pairs that chance would not make."""

    folder = copied(own_once, tmp_path_factory.mktemp("bought") / "workspace")
    recommender = Recommender.open(folder)
    buy(recommender, *[IDS[start : start + 3] for start in range(0, 20, 2)] * 3)
    return recommender


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), WHERE, CANDIDATES, st.sampled_from(IDS), LIMIT, OFFSET)
def test_holds_as_many_as_are_eligible(
    bought: Recommender, kind: str, where: str, candidates: list[str] | None, item_id: str, limit: int, offset: int
) -> None:
    assert where in CONDITIONS
    ranking = bought.similar(item_id, kind=kind, where=where, candidates=candidates, limit=limit, offset=offset)
    check(ranking.items, eligible(where, candidates, {item_id}), limit, offset)
    for item in ranking.items:
        assert item.score == pytest.approx(sum(item.parts.values()), abs=1e-6)
        assert bool(item.pair) == (item.score > 0)
        if item.pair:
            assert item.pair["support"] >= 2
            assert 1 < exp(item.score) < item.pair["lift"]
    assert bool(ranking.notes) == any(not item.pair for item in ranking.items)


@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_parts_of_one_list(bought: Recommender, kind: str) -> None:
    whole = bought.similar("cooking-2", kind=kind, limit=50).items
    assert len(whole) == 23
    assert any(item.pair for item in whole)
    pages = [
        i for offset in range(0, 24, 3) for i in bought.similar("cooking-2", kind=kind, limit=3, offset=offset).items
    ]
    assert [(item.item_id, item.rank) for item in pages] == [(item.item_id, item.rank) for item in whole]
    assert [item.score for item in pages] == pytest.approx([item.score for item in whole], abs=1e-6)


def test_content_is_the_default(bought: Recommender) -> None:
    assert bought.similar("space-1", kind="content") == bought.similar("space-1")
    filled = [item.item_id for item in bought.similar("gardening-5", kind="next", limit=30).items if not item.pair]
    assert filled == [i.item_id for i in bought.similar("gardening-5", limit=30).items if i.item_id in filled]


def test_wrong_calls(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    with pytest.raises(WrongCall, match="kind 'nearby': expected one of content, bought-together, next"):
        recommender.similar("space-0", kind="nearby")
    with pytest.raises(WrongCall, match="'nowhere' is not in the catalogue"):
        recommender.similar("nowhere", kind="next")
    assert [r.query_id for r in recommender.similar(["space-1", "space-0"], kind="next")] == ["space-1", "space-0"]
