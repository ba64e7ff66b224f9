"""What every ranking keeps: `limit` items where so many are eligible, pages of one list, candidates only."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.ranking import RankedItem
from plait.recommender import Recommender
from tests.plait import toy
from tests.plait.flows.asking import shrink_candidate_search

IDS = [row["item_id"] for row in toy.items()]
YEAR = {row["item_id"]: int(row["year"]) for row in toy.items()}
SEEN = {user: {row["item_id"] for row in toy.interactions() if row["user_id"] == user} for user in toy.USERS}
CONDITIONS: dict[str, Callable[[str], bool]] = {
    "": lambda item_id: True,
    "year >= 1994": lambda item_id: YEAR[item_id] >= 1994,
    "categories = 'space' or item_id in ('cooking-0', 'sailing-1')": lambda item_id: (
        item_id.startswith("space") or item_id in ("cooking-0", "sailing-1")
    ),
    "not year in (1990, 1992) and item_id != 'space-3'": lambda item_id: YEAR[item_id] > 1992 and item_id != "space-3",
    "year is null": lambda item_id: False,
}
WHERE = st.sampled_from(list(CONDITIONS))
CANDIDATES = st.none() | st.lists(st.sampled_from([*IDS, "nowhere"]), max_size=30)
LIMIT, OFFSET = st.integers(1, 30), st.integers(0, 30)


# Before the fixture below: a search among few candidates, which it narrows for others, has pages of its own.
@pytest.mark.parametrize("size", [1, 3, 7])
def test_pages_are_parts_of_one_list(own_once: Path, size: int) -> None:
    recommender = Recommender.open(own_once)
    questions: list[Callable[[int, int], Sequence[RankedItem]]] = [
        lambda limit, offset: recommender.recommend("user-5", limit=limit, offset=offset).items,
        lambda limit, offset: recommender.recommend("stranger", limit=limit, offset=offset).items,
        lambda limit, offset: recommender.similar("space-0", limit=limit, offset=offset).items,
        lambda limit, offset: recommender.similar("space-0", limit=limit, offset=offset, where="year > 1992").items,
    ]
    for ask in questions:
        whole = ask(50, 0)
        pages = [item for offset in range(0, 50, size) for item in ask(size, offset)]
        assert [item.item_id for item in pages] == [item.item_id for item in whole]
        assert [item.rank for item in pages] == [item.rank for item in whole]
        assert [item.score for item in pages] == pytest.approx([item.score for item in whole], abs=1e-6)
        assert [item.parts for item in pages] == [pytest.approx(item.parts, abs=1e-5) for item in whole]


@pytest.fixture(scope="module", params=["all scored", "candidates searched"])
def recommender(request: pytest.FixtureRequest, own_once: Path) -> Iterator[Recommender]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "candidates searched":
            shrink_candidate_search(patch)
        yield Recommender.open(own_once)


def eligible(where: str, candidates: Sequence[str] | None, left_out: set[str]) -> set[str]:
    chosen = IDS if candidates is None else candidates
    return {item_id for item_id in IDS if item_id in chosen and CONDITIONS[where](item_id)} - left_out


def check(items: Sequence[RankedItem], among: set[str], limit: int, offset: int) -> None:
    assert len(items) == max(0, min(limit, len(among) - offset))
    assert {item.item_id for item in items} <= among
    assert len({item.item_id for item in items}) == len(items)
    assert [item.rank for item in items] == list(range(offset + 1, offset + len(items) + 1))
    assert all(left.score >= right.score for left, right in pairwise(items))


@settings(max_examples=40, deadline=None)
@given(WHERE, CANDIDATES, st.sampled_from([*toy.USERS, "stranger"]), st.booleans(), LIMIT, OFFSET)
def test_recommend_holds_as_many_as_are_eligible(
    recommender: Recommender, where: str, candidates: list[str] | None, user: str, again: bool, limit: int, offset: int
) -> None:
    left_out = set() if again else SEEN.get(user, set())
    ranking = recommender.recommend(
        user, where=where, candidates=candidates, include_seen=again, limit=limit, offset=offset
    )
    check(ranking.items, eligible(where, candidates, left_out), limit, offset)


@settings(max_examples=40, deadline=None)
@given(WHERE, CANDIDATES, st.sampled_from(IDS), LIMIT, OFFSET)
def test_similar_holds_as_many_as_are_eligible(
    recommender: Recommender, where: str, candidates: list[str] | None, item_id: str, limit: int, offset: int
) -> None:
    ranking = recommender.similar(item_id, where=where, candidates=candidates, limit=limit, offset=offset)
    check(ranking.items, eligible(where, candidates, {item_id}), limit, offset)


def test_candidates_searched_or_all_scored_agree_on_scores(own_once: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = {item.item_id: item.score for item in Recommender.open(own_once).recommend("user-2", limit=30).items}
    shrink_candidate_search(monkeypatch)
    searched = Recommender.open(own_once).recommend("user-2", limit=5).items
    assert [item.score for item in searched] == pytest.approx([exact[item.item_id] for item in searched], abs=1e-6)


def test_the_same_state_gives_the_same_answer(own_once: Path) -> None:
    asked = [Recommender.open(own_once).recommend("user-5", limit=24) for _ in range(2)]
    assert asked[0] == asked[1]
