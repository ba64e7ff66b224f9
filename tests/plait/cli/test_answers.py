"""Commands that answer: the shape of `--json`, `--output`, batches, and tables for people."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.plait import toy
from tests.plait.conftest import Cli

ITEM = {"rank", "item_id", "score", "title", "parts", "because"}


def answer(cli: Cli, *arguments: object) -> Any:
    """Run with --json, expect exit 0, and one JSON document alone on standard output."""
    outcome = cli(*arguments, "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.out.count("\n") == 1
    return json.loads(outcome.out)


def check_ranking(ranking: dict[str, Any], count: int) -> None:
    assert set(ranking) - {"user_id", "query_id"} == {"items", "model", "notes"}
    assert len(ranking["items"]) == count
    for item in ranking["items"]:
        assert set(item) == ITEM
        assert all(isinstance(value, float) for value in item["parts"].values())
        assert all(set(reason) == {"item_id", "attention"} for reason in item["because"])


def test_search(cli: Cli, built_once: Path) -> None:
    ranking = answer(cli, "search", built_once, "a storm at sea", "--limit", 3)
    check_ranking(ranking, 3)
    assert ranking["items"][0]["item_id"].startswith("sailing")
    assert not any(item["because"] for item in ranking["items"])


def test_search_by_a_table_of_queries(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    queries = toy.write_table(
        tmp_path / "queries.csv", [{"query_id": "007", "text": "bread"}, {"query_id": "NA", "text": "stars"}]
    )
    rankings = answer(cli, "search", built_once, "--queries", queries, "--limit", 2)
    assert [ranking["query_id"] for ranking in rankings] == ["007", "NA"]
    for ranking, words in zip(rankings, ("bread", "stars"), strict=True):
        check_ranking(ranking, 2)
        alone = answer(cli, "search", built_once, words, "--limit", 2)
        assert [i["item_id"] for i in alone["items"]] == [i["item_id"] for i in ranking["items"]]
    output = tmp_path / "answers.csv"
    outcome = cli("search", built_once, "--queries", queries, "--limit", 2, "--output", output)
    assert (outcome.code, outcome.out) == (0, "")
    with output.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["query_id", "rank", "item_id", "score"]
    assert [(row["query_id"], row["rank"]) for row in rows] == [("007", "1"), ("007", "2"), ("NA", "1"), ("NA", "2")]


def test_a_table_of_one_query_is_a_list_of_one(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    queries = toy.write_table(tmp_path / "queries.csv", [{"query_id": "q", "text": "bread"}])
    rankings = answer(cli, "search", built_once, "--queries", queries)
    assert [ranking["query_id"] for ranking in rankings] == ["q"]


def test_similar(cli: Cli, own_once: Path) -> None:
    ranking = answer(cli, "similar", own_once, "space-0", "--limit", 4, "--offset", 1, "--where", "year < 2000")
    check_ranking(ranking, 4)
    assert [item["rank"] for item in ranking["items"]] == [2, 3, 4, 5]


def test_recommend_one_user(cli: Cli, own_once: Path) -> None:
    ranking = answer(cli, "recommend", own_once, "--user", "user-0")
    check_ranking(ranking, 10)
    assert ranking["user_id"] == "user-0"
    assert all(item["because"] for item in ranking["items"])


def test_recommend_users_of_a_file(cli: Cli, own_once: Path, tmp_path: Path) -> None:
    lines = tmp_path / "users.txt"
    lines.write_text("user-3\nstranger\n\nuser-0\n", encoding="utf-8")
    rows = [{"user_id": user, "age": "1"} for user in ("user-3", "stranger", "user-0")]
    table = toy.write_table(tmp_path / "users.csv", rows)
    for file in (lines, table):
        outcome = cli("recommend", own_once, "--user-ids", file, "--limit", 3, "--json")
        rankings = json.loads(outcome.out)
        assert [ranking["user_id"] for ranking in rankings] == ["user-3", "stranger", "user-0"]
        for ranking in rankings:
            check_ranking(ranking, 3)
        assert "'stranger'" in outcome.err
        assert outcome.code == 0


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_recommend_all_users_into_a_file(cli: Cli, own_once: Path, tmp_path: Path, ending: str) -> None:
    import pyarrow.parquet as pq

    output = tmp_path / f"all.{ending}"
    outcome = cli("recommend", own_once, "--all-users", "--limit", 2, "--output", output)
    assert (outcome.code, outcome.out) == (0, "")
    assert f"24 rows written to {output}" in outcome.err
    if ending == "parquet":
        rows = pq.read_table(output).to_pylist()
    elif ending == "csv":
        with output.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
    else:
        rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert {row["user_id"] for row in rows} == set(toy.USERS)
    assert [str(row["rank"]) for row in rows] == ["1", "2"] * 12
    assert all(isinstance(row["item_id"], str) for row in rows)


def test_recommend_to_a_history_and_to_a_description(cli: Cli, built_once: Path) -> None:
    ranking = answer(cli, "recommend", built_once, "--history", "space-0, space-1", "--limit", 22)
    check_ranking(ranking, 22)
    assert "user_id" not in ranking
    seen = answer(cli, "recommend", built_once, "--history", "space-0,space-1", "--include-seen", "--limit", 24)
    check_ranking(seen, 24)
    described = answer(cli, "recommend", built_once, "--describe", "stars and planets", "--limit", 4)
    check_ranking(described, 4)
    assert {item["item_id"].split("-")[0] for item in described["items"]} == {"space"}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--user", "user-0", "--all-users"],
        ["--history", "nowhere"],
        ["--history", ","],
        ["--describe", " "],
        ["--user-ids", "absent.txt"],
    ],
)
def test_wrong_calls_of_recommend(cli: Cli, own_once: Path, arguments: list[str]) -> None:
    outcome = cli("recommend", own_once, *arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)


def test_candidates_only(cli: Cli, own_once: Path, tmp_path: Path) -> None:
    candidates = tmp_path / "candidates.txt"
    candidates.write_text("space-5\nnowhere\nsailing-0\n")
    for command in (["recommend", own_once, "--user", "stranger"], ["similar", own_once, "space-0"]):
        ranking = answer(cli, *command, "--candidates", candidates)
        assert {item["item_id"] for item in ranking["items"]} == {"space-5", "sailing-0"}


def test_cold_start(cli: Cli, trained_once: Path) -> None:
    given = ["--title", "Trawler", "--description", "a boat at sea", "--attribute", "year=1999", "--limit", 3]
    found = answer(cli, "cold-start", trained_once, *given)
    assert set(found) == {"similar", "audience"}
    assert len(found["similar"]) == len(found["audience"]) == 3
    assert all(set(item) == ITEM for item in found["similar"])
    assert all(set(user) == {"user_id", "score", "parts"} for user in found["audience"])
    assert cli("cold-start", trained_once).code == 2
    for wrong in ("colour=red", "year", "=1999", "year=old"):
        assert cli("cold-start", trained_once, "--title", "x", "--attribute", wrong).code == 2


def test_attributes_may_hold_commas(cli: Cli, built: Path, tmp_path: Path) -> None:
    rows = [{"item_id": "a", "title": "Rye bread", "maker": "Smith, Jones"}]
    assert cli("add", built, "--items", toy.write_table(tmp_path / "new.csv", rows)).code == 0
    answer(cli, "cold-start", built, "--title", "Bread", "--attribute", "maker=Smith, Jones")


def test_score(cli: Cli, own_once: Path, tmp_path: Path) -> None:
    rows = [{"user_id": "user-0", "item_id": "space-1"}, {"user_id": "stranger", "item_id": "cooking-1"}]
    pairs = toy.write_table(tmp_path / "pairs.csv", rows)
    found = answer(cli, "score", own_once, "--pairs", pairs)
    assert [{key: pair[key] for key in ("user_id", "item_id")} for pair in found["pairs"]] == rows
    assert all(0 < pair["score"] < 1 for pair in found["pairs"])
    output = tmp_path / "scores.csv"
    outcome = cli("score", own_once, "--pairs", pairs, "--output", output)
    assert (outcome.code, outcome.out) == (0, "")
    with output.open(newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [float(row["score"]) for row in written] == [pair["score"] for pair in found["pairs"]]
    toy.write_table(pairs, [*rows, {"user_id": "u", "item_id": "nowhere"}])
    bad = cli("score", own_once, "--pairs", pairs)
    assert bad.code == 1
    assert "line 4" in bad.err
    assert len(answer(cli, "score", own_once, "--pairs", pairs, "--on-error", "skip")["pairs"]) == 2


def test_profile(cli: Cli, own_once: Path) -> None:
    found = answer(cli, "profile", own_once, "user-0")
    assert set(found) == {"user_id", "events", "recent", "interests", "nearest"}
    assert all(set(event) == {"item_id", "event", "attention", "weight"} for event in found["recent"])
    assert all(set(interest) == {"items"} for interest in found["interests"])
    assert all(set(item) == {"item_id", "score"} for item in found["nearest"])
    assert (found["events"], len(found["recent"]), len(found["nearest"])) == (5, 5, 10)
    outcome = cli("profile", own_once, "stranger", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["events"] == 0
    assert "'stranger'" in outcome.err


def test_tables_for_people(cli: Cli, own_once: Path) -> None:
    for command in (
        ["recommend", own_once, "--user", "user-0"],
        ["similar", own_once, "space-0"],
        ["profile", own_once, "user-0"],
        ["status", own_once],
        ["check", own_once],
    ):
        outcome = cli(*command)
        assert (outcome.code, outcome.err) == (0, "")
        assert not outcome.out.startswith("{")
    shown = cli("recommend", own_once, "--user", "user-0", "--limit", "1").out
    assert all(word in shown for word in ("rank", "item_id", "because of", "%"))
