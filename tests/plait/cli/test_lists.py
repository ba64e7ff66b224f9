"""Lists as a whole: diversity, caps and groups of `recommend`."""

import json
from collections import Counter
from collections.abc import Iterator
from math import exp
from pathlib import Path
from typing import Any

import pytest

from index.vector_index import Rows
from plait.flows import arrange, recipients
from plait.flows.candidates import candidate_rows
from plait.recommender import Recommender
from plait.selection import Selection
from ranker.combination import TOLD_BY_HISTORY
from tests.plait import toy
from tests.plait.conftest import Cli

RULES: list[list[object]] = [
    ["--diversity", 0.5],
    ["--max-per", "categories=2"],
    ["--group-by", "year"],
    ["--diversity", 1, "--max-per", "categories=3"],
]
LENGTHS = dict(zip(map(str, RULES), (19, 8, 6, 11), strict=True))
"""How long the list of user-5, who has seen five of the 24 items, is by rules."""


def ranking_of(cli: Cli, *arguments: object) -> dict[str, Any]:
    outcome = cli("recommend", *arguments, "--json")
    assert outcome.code == 0, outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def ids(ranking: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in ranking["items"]]


def families(ranking: dict[str, Any]) -> Counter[str]:
    return Counter(item_id.split("-")[0] for item_id in ids(ranking))


def test_no_diversity_is_the_ranking_as_it_is(cli: Cli, own_once: Path) -> None:
    asked = [own_once, "--user", "user-0", "--limit", 24]
    assert ranking_of(cli, *asked, "--diversity", 0) == ranking_of(cli, *asked)


def test_a_cap_that_never_binds_changes_nothing(cli: Cli, own_once: Path) -> None:
    asked = [own_once, "--user", "user-0", "--limit", 24]
    plain, capped = ranking_of(cli, *asked), ranking_of(cli, *asked, "--max-per", "categories=6")
    assert ids(capped) == ids(plain)
    assert capped["notes"] == []


def test_diversity_spreads_over_families(cli: Cli, own_once: Path) -> None:
    asked = [own_once, "--history", "space-0", "--limit", 5]
    plain, diverse = ranking_of(cli, *asked), ranking_of(cli, *asked, "--diversity", 0.9)
    assert len(families(plain)) < len(families(diverse)) == 4
    assert ids(diverse)[0] == ids(plain)[0]


@pytest.mark.parametrize("method", ["mmr", "dpp", "calibrated"])
def test_the_default_is_what_plait_toml_says(own: Path, method: str) -> None:
    plain = Recommender.open(own).recommend("user-0", limit=24)
    (own / "plait.toml").write_text(f'[recommend]\ndiversity = 0.9\ndiversity_method = "{method}"\n')
    told = Recommender.open(own)
    assert sorted(item.item_id for item in told.recommend("user-0", limit=24).items) == sorted(
        item.item_id for item in plain.items
    )
    assert told.recommend("user-0", limit=24).items != plain.items
    assert told.recommend("user-0", limit=24, diversity=0).items == plain.items


def test_calibrated_lists_have_the_mix_of_the_history(own: Path) -> None:
    (own / "plait.toml").write_text('[recommend]\ndiversity = 0.99\ndiversity_method = "calibrated"\n')
    history = [f"{family}-{number}" for family in ("space", "cooking") for number in (0, 1)]
    listed = Recommender.open(own).recommend_history(history, Selection(4)).items
    assert Counter(item.item_id.split("-")[0] for item in listed) == {"space": 2, "cooking": 2}


@pytest.mark.parametrize("asked", [["--user", "user-0"], ["--user", "stranger"], ["--describe", "boats"]])
def test_caps_are_exact_and_a_list_that_can_be_filled_is_filled(cli: Cli, built_once: Path, asked: list[str]) -> None:
    ranking = ranking_of(cli, built_once, *asked, "--max-per", "categories=2", "--limit", 8)
    assert set(families(ranking).values()) == {2}
    assert [item["rank"] for item in ranking["items"]] == list(range(1, 9))
    grouped = ranking_of(cli, built_once, *asked, "--group-by", "categories", "--limit", 4)
    assert set(families(grouped).values()) == {1}
    assert len(families(grouped)) == 4


def test_a_list_cut_short_says_so(cli: Cli, own_once: Path) -> None:
    ranking = ranking_of(cli, own_once, "--user", "user-0", "--group-by", "categories", "--max-per", "year=1")
    assert len(ranking["items"]) == 4
    assert len(ranking["notes"]) == 1
    assert "year=1, categories=1, leaves 4 of the 10 items" in ranking["notes"][0]


@pytest.mark.parametrize("rules", RULES)
def test_nothing_eligible_and_more_asked_for_than_there_is(cli: Cli, own_once: Path, rules: list[object]) -> None:
    nothing = ranking_of(cli, own_once, "--user", "user-0", "--where", "year is null", *rules)
    assert (nothing["items"], nothing["notes"]) == ([], [])
    everything = ranking_of(cli, own_once, "--user", "user-5", "--limit", 10**12, *rules)
    assert len(everything["items"]) == LENGTHS[str(rules)]
    behind = ranking_of(cli, own_once, "--user", "user-5", "--offset", 10**12, *rules)
    assert behind["items"] == []


@pytest.mark.parametrize("rules", RULES)
def test_parts_sum_to_the_score(cli: Cli, own_once: Path, rules: list[object]) -> None:
    for item in ranking_of(cli, own_once, "--user", "user-3", "--limit", 24, *rules)["items"]:
        assert item["score"] == pytest.approx(1 / (1 + exp(-sum(item["parts"].values()))), abs=1e-4)
        if sum(item["parts"][part] for part in TOLD_BY_HISTORY) > 0:
            assert item["because"]


def test_items_without_a_value_are_not_capped(cli: Cli, own: Path, tmp_path: Path) -> None:
    rows = [{"item_id": f"space-{number}", "series": "moon"} for number in range(3)]
    assert cli("update", own, "--items", toy.write_table(tmp_path / "series.csv", rows)).code == 0
    found = ids(ranking_of(cli, own, "--user", "stranger", "--limit", 24, "--group-by", "series"))
    assert len(found) == 22
    assert len({"space-0", "space-1", "space-2"} & set(found)) == 1


@pytest.fixture(params=[(24, 200), (5, 3), (5, 200)], ids=["all scored", "few found", "fewer found"])
def pools(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lists chosen from all items, and lists that must go on behind the few candidates they were chosen from."""
    with pytest.MonkeyPatch.context() as patch:
        count, pool = request.param

        def first(*asked: Any) -> Rows:
            return candidate_rows(*asked)[:, :count]

        patch.setattr(recipients, "candidate_rows", first)
        patch.setattr(arrange, "POOL", pool)
        yield


@pytest.mark.usefixtures("pools")
@pytest.mark.parametrize("rules", RULES)
def test_pages_are_parts_of_one_list(cli: Cli, own_once: Path, rules: list[object]) -> None:
    whole = ranking_of(cli, own_once, "--user", "user-5", "--limit", 30, *rules)["items"]
    seen = {row["item_id"] for row in toy.interactions() if row["user_id"] == "user-5"}
    assert len({item["item_id"] for item in whole} - seen) == len(whole) == LENGTHS[str(rules)]
    pages = [
        item
        for offset in range(0, 30, 3)
        for item in ranking_of(cli, own_once, "--user", "user-5", "--limit", 3, "--offset", offset, *rules)["items"]
    ]
    assert [(item["rank"], item["item_id"]) for item in pages] == [(item["rank"], item["item_id"]) for item in whole]


@pytest.mark.usefixtures("pools")
def test_batches_are_their_members(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    together = recommender.recommend(toy.USERS, limit=6, diversity=0.5, max_per={"categories": 2})
    alone = [recommender.recommend(user, limit=6, diversity=0.5, max_per={"categories": 2}) for user in toy.USERS]
    assert [[i.item_id for i in ranking.items] for ranking in together] == [
        [i.item_id for i in ranking.items] for ranking in alone
    ]
    assert all(len(ranking.items) == 6 for ranking in alone)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--diversity", "1.5"], "from 0 to 1"),
        (["--diversity", "nan"], "from 0 to 1"),
        (["--diversity", "much"], "--diversity"),
        (["--max-per", "categories"], "ATTRIBUTE=N"),
        (["--max-per", "categories=0"], "number from 1"),
        (["--max-per", "categories=-1"], "ATTRIBUTE=N"),
        (["--max-per", "year=1", "--max-per", "year=2"], "each attribute once"),
        (["--max-per", "colour=1"], "no attribute colour"),
        (["--group-by", "colour"], "no attribute colour"),
        (["--group-by", ""], "group-by"),
    ],
)
def test_wrong_calls(cli: Cli, own_once: Path, arguments: list[str], word: str) -> None:
    outcome = cli("recommend", own_once, "--user", "user-0", *arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert word in outcome.err
