"""Groups, sessions, baskets and values on the command line."""

import csv
import json
from pathlib import Path

import pytest

from plait.recommender import Recommender
from tests.plait import toy
from tests.plait.cli.test_answers import ITEM, answer, check_ranking
from tests.plait.conftest import Cli


def test_group(cli: Cli, own_once: Path, tmp_path: Path) -> None:
    recommender = Recommender.open(own_once)
    asked = ["recommend", own_once, "--group", "user-0,user-1", "--limit", 4]
    ranking = answer(cli, *asked)
    check_ranking(ranking, 4)
    assert ranking == recommender.recommend_group(["user-0", "user-1"], limit=4).to_json()
    least = answer(cli, *asked, "--strategy", "least-misery", "--max-per", "categories=1", "--where", "year < 2000")
    wanted = recommender.recommend_group(
        ["user-0", "user-1"], strategy="least-misery", limit=4, max_per={"categories": 1}, where="year < 2000"
    )
    assert least == wanted.to_json()
    assert {item["member"] for item in least["items"]} <= {"user-0", "user-1"}
    assert set(least["items"][0]) == ITEM | {"member"}
    output = tmp_path / "group.csv"
    assert cli(*asked, "--output", output).code == 0
    with output.open(newline="") as stream:
        assert [row["query_id"] for row in csv.DictReader(stream)] == ["user-0,user-1"] * 4
    outcome = cli(*asked, "--strategy", "most-pleasure")
    assert (outcome.code, outcome.err) == (0, "")
    assert "parts of" in outcome.out
    unknown = cli("recommend", own_once, "--group", "user-0,stranger", "--json")
    assert unknown.code == 0
    assert unknown.err == "plait: user 'stranger' has no events: what is popular counts in place of their taste\n"


def test_session_and_basket(cli: Cli, own: Path) -> None:
    recommender = Recommender.open(own)
    row = {"user_id": "ada", "item_id": "space-0", "event": "like", "timestamp": str(toy.START), "session_id": "s1"}
    recommender.record([row])
    session = answer(cli, "recommend", own, "--session", "s1", "--limit", 3)
    assert (session["query_id"], session["user_id"], len(session["items"])) == ("s1", "ada", 3)
    assert session == recommender.recommend_session("s1", limit=3).to_json()
    basket = answer(cli, "recommend", own, "--basket", "space-0, space-1", "--limit", 3)
    assert basket == recommender.recommend_basket(["space-0", "space-1"], limit=3).to_json()
    assert "together" in basket["items"][0]["parts"]
    outcome = cli("recommend", own, "--session", "nowhere")
    assert (outcome.code, outcome.err) == (0, "plait: session 'nowhere' has no events: popular items are shown\n")


def test_values(cli: Cli, own_once: Path) -> None:
    asked = ["recommend", own_once, "--user", "user-2", "--rank-by"]
    found = answer(cli, *asked, "categories", "--limit", 2)
    assert found == Recommender.open(own_once).rank_values("user-2", "categories", limit=2).to_json()
    assert set(found) == {"user_id", "attribute", "groups", "model", "notes"}
    assert [set(group) for group in found["groups"]] == [{"rank", "value", "score", "items"}] * 2
    assert set(found["groups"][0]["items"][0]) == ITEM
    assert found["groups"][0]["value"] == "space"
    outcome = cli(*asked, "year")
    assert outcome.code == 0
    assert "2000 " in outcome.out
    assert "best items" in outcome.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--group", ","],
        ["--group", "user-0", "--strategy", "best"],
        ["--group", "user-0", "--user", "user-1"],
        ["--user", "user-0", "--strategy", "average"],
        ["--session", "s", "--basket", "space-0"],
        ["--basket", ","],
        ["--basket", "nowhere"],
        ["--rank-by", "year"],
        ["--session", "s", "--rank-by", "year"],
        ["--all-users", "--rank-by", "year"],
        ["--user", "user-0", "--rank-by", "nothing"],
        ["--user", "user-0", "--rank-by", "year", "--group-by", "year"],
        ["--user", "user-0", "--rank-by", "year", "--output", "a.csv"],
    ],
)
def test_wrong_calls(cli: Cli, own_once: Path, arguments: list[str]) -> None:
    outcome = cli("recommend", own_once, *arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("context", ["--group user-0,user-1", "--session nowhere", "--basket space-0"])
def test_pins_hold_in_every_context(cli: Cli, own_once: Path, context: str) -> None:
    seen = [] if "--basket" in context else ["--include-seen"]
    outcome = cli("recommend", own_once, *context.split(), "--pin", "sailing-5=2", "--limit", 3, *seen, "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["items"][1]["item_id"] == "sailing-5"


@pytest.mark.parametrize(
    "words", ["--basket space-0 --include-seen", "--session ", "--user user-0 --rank-by year --exclude space-0"]
)
def test_what_a_context_does_not_heed_is_refused(cli: Cli, own_once: Path, words: str) -> None:
    outcome = cli("recommend", own_once, *words.split(" "))
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
