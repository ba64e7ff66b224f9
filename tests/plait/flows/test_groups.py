"""Groups: against the members' own scores, pair by pair, and what a list for many keeps."""

from collections import Counter
from collections.abc import Iterator
from math import log
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.errors import WrongCall
from plait.ranking import RankedItem
from plait.recommender import Recommender
from ranker.combination import TOLD_BY_HISTORY
from tests.plait import toy
from tests.plait.flows.asking import shrink_candidate_search
from tests.plait.flows.test_selection import CANDIDATES, IDS, LIMIT, OFFSET, SEEN, WHERE, check, eligible

PEOPLE = [*toy.USERS, "stranger", "nobody"]
STRATEGIES = ["average", "least-misery", "most-pleasure"]
GROUPS = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5, unique=True)


@pytest.fixture(scope="module", params=["trained", "untrained", "candidates searched"])
def recommender(request: pytest.FixtureRequest, own_once: Path, built_once: Path) -> Iterator[Recommender]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "candidates searched":
            shrink_candidate_search(patch)
        yield Recommender.open(built_once if request.param == "untrained" else own_once)


def logit_of(item: RankedItem) -> float:
    assert item.score == pytest.approx(1 / (1 + 2.718281828459045 ** -sum(item.parts.values())), abs=1e-6)
    return log(item.score / (1 - item.score))


def of_member(recommender: Recommender, user: str) -> dict[str, RankedItem]:
    """Return every item as it is recommended to one member alone."""
    return {item.item_id: item for item in recommender.recommend(user, limit=50, include_seen=True).items}


@settings(max_examples=12, deadline=None)
@given(GROUPS, st.sampled_from(STRATEGIES), st.booleans())
def test_scores_are_the_members_own_put_together(
    recommender: Recommender, group: list[str], strategy: str, again: bool
) -> None:
    alone = {user: of_member(recommender, user) for user in group}
    answer = recommender.recommend_group(group, strategy=strategy, include_seen=again, limit=50)
    seen = set() if again else set[str]().union(*(SEEN.get(user, set()) for user in group))
    assert {item.item_id for item in answer.items} == set(IDS) - seen
    for item in answer.items:
        logits = {user: logit_of(alone[user][item.item_id]) for user in group}
        if strategy == "average":
            assert logit_of(item) == pytest.approx(sum(logits.values()) / len(group), abs=1e-3)
            assert item.member == ""
            for name, value in item.parts.items():
                own = [alone[user][item.item_id].parts[name] for user in group]
                assert value == pytest.approx(sum(own) / len(group), abs=1e-3)
        else:
            wanted = (min if strategy == "least-misery" else max)(logits.values())
            assert logit_of(item) == pytest.approx(wanted, abs=1e-3)
            assert logits[item.member] == pytest.approx(wanted, abs=1e-3)
            assert item.parts == pytest.approx(alone[item.member][item.item_id].parts, abs=1e-3)
            mine = {row["item_id"] for row in toy.interactions() if row["user_id"] == item.member}
            assert {reason.item_id for reason in item.because} <= mine


@settings(max_examples=20, deadline=None)
@given(GROUPS, st.sampled_from(STRATEGIES), WHERE, CANDIDATES, LIMIT, OFFSET)
def test_holds_as_many_as_are_eligible(
    recommender: Recommender, group: list[str], strategy: str, where: str, candidates: list[str] | None, limit: int,
    offset: int,
) -> None:  # fmt: skip
    answer = recommender.recommend_group(
        group, strategy=strategy, where=where, candidates=candidates, limit=limit, offset=offset
    )
    seen = set[str]().union(*(SEEN.get(user, set()) for user in group))
    check(answer.items, eligible(where, candidates, seen), limit, offset)
    assert len(answer.notes) == len({"stranger", "nobody"} & set(group))


def test_reasons_of_an_average_are_shares_of_all_histories(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    found = recommender.recommend_group(["user-0", "user-4"], limit=24).items
    spoken = [item for item in found if sum(item.parts[part] for part in TOLD_BY_HISTORY) > 0]
    assert len(spoken) >= 6
    assert all(not item.because for item in found if item not in spoken)
    for item in spoken:
        names = [reason.item_id for reason in item.because]
        assert 1 <= len(names) == len(set(names)) <= 3
        assert set(names) <= SEEN["user-0"] | SEEN["user-4"]
        assert 0 < sum(reason.attention for reason in item.because) <= 1 + 1e-4
    (both,) = (
        item for item in recommender.recommend_group(["user-0", "user-4"], limit=1, candidates=["cooking-2"],
        include_seen=True).items
    )  # fmt: skip
    shares = [
        {r.item_id: r.attention for r in of_member(recommender, u)["cooking-2"].because} for u in ("user-0", "user-4")
    ]
    first = both.because[0]
    assert first.attention >= max(mine.get(first.item_id, 0.0) for mine in shares) / 2 - 1e-6


def test_order_and_repetition_of_members_change_nothing(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    one = recommender.recommend_group(["user-0", "user-1"], limit=9)
    other = recommender.recommend_group(["user-1", " user-0 ", "user-1"], limit=9)
    assert [item.item_id for item in one.items] == [item.item_id for item in other.items]
    assert [item.score for item in one.items] == pytest.approx([item.score for item in other.items], abs=1e-6)
    assert (one.query_id, one.user_id) == ("user-0,user-1", "")


def test_one_member_is_a_user(recommender: Recommender) -> None:
    alone = recommender.recommend("user-3", limit=9)
    for strategy in STRATEGIES:
        group = recommender.recommend_group(["user-3"], strategy=strategy, limit=9)
        assert [item.item_id for item in group.items] == [item.item_id for item in alone.items]
        assert [item.score for item in group.items] == pytest.approx([item.score for item in alone.items], abs=1e-6)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rules_hold_for_a_group(recommender: Recommender, strategy: str) -> None:
    group = ["user-0", "user-1", "user-2", "user-3"]
    capped = recommender.recommend_group(group, strategy=strategy, max_per={"categories": 1}, limit=4)
    assert set(Counter(item.item_id.split("-")[0] for item in capped.items).values()) == {1}
    alike = ["user-0", "user-4"]
    plain, diverse = (
        recommender.recommend_group(alike, strategy=strategy, diversity=diversity, limit=6, include_seen=True).items
        for diversity in (0, 0.9)
    )
    families = [{item.item_id.split("-")[0] for item in items} for items in (plain, diverse)]
    assert len(families[0]) < len(families[1])


def test_a_calibrated_list_has_the_mix_of_all_members(own: Path) -> None:
    (own / "plait.toml").write_text('[recommend]\ndiversity = 0.99\ndiversity_method = "calibrated"\n')
    answer = Recommender.open(own).recommend_group(["user-0", "user-2"], limit=10, include_seen=True)
    # Each likes four of one family and views one of another.
    mix = {"cooking": 4, "sailing": 1, "space": 4, "gardening": 1}
    assert Counter(item.item_id.split("-")[0] for item in answer.items) == mix


def test_wrong_calls(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    with pytest.raises(WrongCall, match="a group of 0 users: expected 1 to 100"):
        recommender.recommend_group([])
    with pytest.raises(WrongCall, match="a group of 101 users"):
        recommender.recommend_group([f"user-{number}" for number in range(101)])
    with pytest.raises(WrongCall, match="strategy 'best': expected one of average, least-misery, most-pleasure"):
        recommender.recommend_group(["user-0"], strategy="best")
