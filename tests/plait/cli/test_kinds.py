"""What goes with an item, who is like a user, and searches by example, on the command line."""

import csv
from pathlib import Path

import pytest

from plait.recommender import Recommender
from tests.plait import toy
from tests.plait.cli.test_answers import ITEM, answer, check_ranking
from tests.plait.conftest import Cli


@pytest.mark.parametrize("kind", ["bought-together", "next"])
def test_similar_of_a_kind(cli: Cli, own_once: Path, tmp_path: Path, kind: str) -> None:
    asked = ["similar", own_once, "cooking-0", "--kind", kind]
    ranking = answer(cli, *asked, "--limit", 5, "--where", "year < 2000")
    first = ranking["items"][0]
    assert set(first) == ITEM | {"pair"}
    assert set(first["pair"]) == {"support", "lift"}
    assert set(first["parts"]) == {"counted", "chance"}
    assert len(ranking["items"]) == 5
    last = answer(cli, *asked, "--limit", 30)["items"][-1]
    assert set(last) == ITEM
    assert set(last["parts"]) == {"text", "unpaired"}
    outcome = cli(*asked, "--limit", 30)
    assert outcome.code == 0
    assert "support 2, lift" in outcome.out
    assert outcome.err == f"plait: {answer_note(own_once, kind)}\n"
    output = tmp_path / "next.csv"
    assert cli(*asked, "--output", output).code == 0
    with output.open(newline="") as stream:
        assert [row["rank"] for row in csv.DictReader(stream)] == [str(rank) for rank in range(1, 11)]


def answer_note(workspace: Path, kind: str) -> str:
    (note,) = Recommender.open(workspace).similar("cooking-0", kind=kind, limit=30).notes
    return note


def test_content_has_no_pairs(cli: Cli, own_once: Path) -> None:
    plain = answer(cli, "similar", own_once, "space-0")
    check_ranking(plain, 10)
    assert answer(cli, "similar", own_once, "space-0", "--kind", "content") == plain


def test_users_like(cli: Cli, own_once: Path) -> None:
    found = answer(cli, "users-like", own_once, "user-5", "--limit", 3, "--offset", 1)
    assert set(found) == {"user_id", "items", "model", "notes"}
    assert found["user_id"] == "user-5"
    assert [user["rank"] for user in found["items"]] == [2, 3, 4]
    for user in found["items"]:
        assert set(user) == {"rank", "user_id", "score", "parts"}
        assert user["user_id"] in set(toy.USERS) - {"user-5"}
        assert user["score"] == pytest.approx(sum(user["parts"].values()))
    outcome = cli("users-like", own_once, "stranger")
    assert (outcome.code, outcome.err.count("\n")) == (0, 1)
    assert "'stranger' has no events" in outcome.err


def test_suggest_friends(cli: Cli, own_once: Path) -> None:
    found = answer(cli, "suggest-friends", own_once, "user-5", "--limit", 3, "--offset", 1)
    assert [user["rank"] for user in found["items"]] == [2, 3, 4]
    for user in found["items"]:
        assert set(user["parts"]) == {"friends", "taste"}
    outcome = cli("suggest-friends", own_once, "stranger")
    assert (outcome.code, outcome.err.count("\n")) == (0, 1)


def test_search_by_examples(cli: Cli, own_once: Path) -> None:
    ranking = answer(cli, "search", own_once, "--like", "space-0, space-1", "--unlike", "cooking-0", "--limit", 4)
    check_ranking(ranking, 4)
    found = Recommender.open(own_once).search(like=["space-0", "space-1"], unlike=["cooking-0"], limit=4)
    assert ranking == found.to_json()
    for_one = answer(cli, "search", own_once, "--like", "space-0", "--user", "user-0")
    assert "user" in for_one["items"][0]["parts"]


def test_queries_of_a_table_are_for_the_user(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    queries = toy.write_table(tmp_path / "queries.csv", [{"query_id": "007", "text": "bread"}])
    (ranking,) = answer(cli, "search", built_once, "--queries", queries, "--user", "user-0")
    assert any(item["parts"]["user"] for item in ranking["items"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "--user", "user-0"],
        ["search", "--like", ","],
        ["search", "--like", "nowhere"],
        ["search", "--like", "space-0", "--unlike", "space-0"],
        ["search", "--like", "space-0", "--queries", "absent.csv"],
        ["similar", "space-0", "--kind", "nearby"],
        ["similar", "nowhere", "--kind", "next"],
        ["users-like"],
        ["users-like", "user-0", "--limit", "0"],
        ["suggest-friends"],
    ],
)
def test_wrong_calls(cli: Cli, own_once: Path, arguments: list[str]) -> None:
    outcome = cli(arguments[0], own_once, *arguments[1:])
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
