"""Commands that change a workspace: the shape of `--json`, and what the other commands then say."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plait import toy
from tests.plait.conftest import Cli

ITEMS = ("added", "updated", "unchanged", "removed", "rejected")
EVENTS = ("accepted", "duplicates", "rejected")


def answer(cli: Cli, *arguments: object) -> Any:
    outcome = cli(*arguments, "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.out.count("\n") == 1
    return json.loads(outcome.out)


def counted(answer: Any) -> tuple[dict[str, int], int, dict[str, int]]:
    """Check the shape of a change's counts; return those above 0."""
    assert {name: tuple(tally) for name, tally in answer.items()} == {
        "items": ITEMS, "encoded": ("text", "image", "audio"), "events": EVENTS,
    }  # fmt: skip
    items, events = ({n: c for n, c in answer[part].items() if c} for part in ("items", "events"))
    return items, answer["encoded"]["text"], events


def test_build_and_build_again(cli: Cli, toy_files: Path, tmp_path: Path) -> None:
    command = [
        "build", tmp_path / "workspace", "--items", toy_files / "items.csv",
        "--interactions", toy_files / "interactions.csv", "--vectors", f"text={toy_files / 'vectors.npy'}",
    ]  # fmt: skip
    assert counted(answer(cli, *command)) == ({"added": 24}, 0, {"accepted": 60})
    before = answer(cli, "status", tmp_path / "workspace")
    assert counted(answer(cli, *command)) == ({"unchanged": 24}, 0, {"duplicates": 60})
    assert answer(cli, "status", tmp_path / "workspace") == before


def test_build_reads_every_kind_of_file(cli: Cli, toy_files: Path, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines = tmp_path / "items.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in toy.items()), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(toy.interactions()), tmp_path / "log.parquet")
    own = f"text={toy_files / 'vectors.npy'}"
    command = ["build", tmp_path / "workspace", "--vectors", own]
    files = ["--items", lines, "--interactions", tmp_path / "log.parquet"]
    assert counted(answer(cli, *command, *files)) == ({"added": 24}, 0, {"accepted": 60})
    files = ["--items", toy_files / "items.csv", "--interactions", toy_files / "interactions.csv"]
    assert counted(answer(cli, *command, *files)) == ({"unchanged": 24}, 0, {"duplicates": 60})


def test_build_prune(cli: Cli, own: Path, toy_files: Path, tmp_path: Path) -> None:
    items = toy.write_table(tmp_path / "fewer.csv", toy.items()[:5])
    vectors = tmp_path / "fewer.npy"
    import numpy as np

    np.save(vectors, toy.vectors()[:5])
    command = ["build", own, "--items", items, "--vectors", f"text={vectors}"]
    assert counted(answer(cli, *command))[0] == {"unchanged": 5}
    assert counted(answer(cli, *command, "--prune"))[0] == {"unchanged": 5, "removed": 19}
    assert answer(cli, "status", own)["items"] == 5


def test_add_update_remove(cli: Cli, built: Path, tmp_path: Path) -> None:
    row = {"item_id": "new", "title": "Pizza", "description": "dough", "year": "2020"}
    items = toy.write_table(tmp_path / "new.csv", [row])
    assert counted(answer(cli, "add", built, "--items", items)) == ({"added": 1}, 1, {})
    assert counted(answer(cli, "add", built, "--items", items)) == ({"unchanged": 1}, 0, {})
    changed = toy.write_table(tmp_path / "changed.csv", [{"item_id": "new", "year": "2021"}])
    assert counted(answer(cli, "update", built, "--items", changed)) == ({"updated": 1}, 0, {})
    found = answer(cli, "search", built, "dough", "--where", "year = 2021")
    assert [(item["item_id"], item["title"]) for item in found["items"]] == [("new", "Pizza")]
    assert counted(answer(cli, "remove", built, "new", "cooking-0")) == ({"removed": 2}, 0, {})
    ids = tmp_path / "ids.txt"
    ids.write_text("cooking-1\nnowhere\n")
    outcome = cli("remove", built, "--items", ids, "--json")
    assert counted(json.loads(outcome.out)) == ({"removed": 1}, 0, {})
    assert "'nowhere'" in outcome.err
    assert answer(cli, "status", built)["items"] == 22


@pytest.mark.parametrize("arguments", [[], ["space-0", "--items", "ids.txt"]])
def test_wrong_calls_of_remove(cli: Cli, own_once: Path, arguments: list[str]) -> None:
    assert cli("remove", own_once, *arguments).code == 2


def test_record(cli: Cli, own: Path, tmp_path: Path) -> None:
    said = ["--event", "rating", "--value", "4.5", "--at", "2024-05-01"]
    one = ["record", own, "--user", "u", "--item", "space-0", *said]
    assert answer(cli, *one) == {"accepted": 1, "duplicates": 0}
    assert answer(cli, *one) == {"accepted": 0, "duplicates": 1}
    assert answer(cli, "record", own, "--user", "u", "--item", "space-1") == {"accepted": 1, "duplicates": 0}
    recent = answer(cli, "profile", own, "u")["recent"]
    assert [(event["item_id"], event["event"], event["weight"]) for event in recent] == [
        ("space-1", "click", 0.4), ("space-0", "rating", 0.75),
    ]  # fmt: skip
    rows = [{"user_id": "v", "item_id": item_id, "timestamp": "1"} for item_id in ("space-0", "no")]
    table = toy.write_table(tmp_path / "log.csv", rows)
    outcome = cli("record", own, "--interactions", table, "--on-error", "skip", "--json")
    assert json.loads(outcome.out) == {"accepted": 1, "duplicates": 0}
    assert "1 rows left out" in outcome.err


def test_record_a_search(cli: Cli, own: Path) -> None:
    """A search needs words and no item; it is stored, and makes nothing seen."""
    one = ["record", own, "--user", "u", "--event", "search", "--query", "ships at sea", "--at", "2024-05-01"]
    assert answer(cli, *one) == {"accepted": 1, "duplicates": 0}
    assert answer(cli, *one) == {"accepted": 0, "duplicates": 1}
    with_item = [*one[:4], "--item", "space-0", *one[4:]]
    assert answer(cli, *with_item) == {"accepted": 1, "duplicates": 0}
    told = answer(cli, "profile", own, "u")
    assert (told["events"], told["recent"]) == (2, [])
    assert "space-0" in {
        item["item_id"] for item in answer(cli, "recommend", own, "--user", "u", "--limit", "24")["items"]
    }


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--user", "u"],
        ["--item", "space-0"],
        ["--user", "u", "--item", "space-0", "--value", "much"],
        ["--user", "u", "--item", "space-0", "--value", "nan"],
        ["--user", "u", "--item", "space-0", "--value", "inf"],
        ["--interactions", "absent.csv"],
        ["--interactions", "absent.csv", "--user", "u", "--item", "space-0"],
        ["--user", "u", "--event", "search"],
        ["--user", "u", "--event", "search", "--query", " "],
        ["--event", "search", "--query", "ships"],
        ["--interactions", "absent.csv", "--user", "u", "--event", "search", "--query", "ships"],
    ],
)
def test_wrong_calls_of_record(cli: Cli, own_once: Path, arguments: list[str]) -> None:
    outcome = cli("record", own_once, *arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--item", "nowhere"], "nowhere"),
        (["--item", "space-0", "--event", "teleport"], "teleport"),
        (["--item", "space-0", "--at", "never"], "never"),
    ],
)
def test_bad_events_are_bad_data(cli: Cli, own_once: Path, arguments: list[str], named: str) -> None:
    outcome = cli("record", own_once, "--user", "u", *arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert named in outcome.err
    assert outcome.err.count("\n") == 1


def test_train(cli: Cli, own: Path) -> None:
    report = answer(cli, "train", own, "--budget", "30s")
    assert (report["model"], report["users"], report["items"], report["events"]) == (2, 12, 24, 60)
    assert answer(cli, "status", own)["model"] == 2
    for budget in ("soon", "0s", "-1m", "5"):
        assert cli("train", own, "--budget", budget).code == 2


def test_train_without_events(cli: Cli, tmp_path: Path, toy_files: Path) -> None:
    own = f"text={toy_files / 'vectors.npy'}"
    answer(cli, "build", tmp_path / "workspace", "--items", toy_files / "items.csv", "--vectors", own)
    outcome = cli("train", tmp_path / "workspace")
    assert outcome.code == 1
    assert "train needs interactions" in outcome.err


def test_check(cli: Cli, own: Path) -> None:
    assert answer(cli, "check", own) == {"ok": True, "problems": []}
    path = own / "index" / "000001" / "manifest.json"
    path.write_text("{}")
    outcome = cli("check", own, "--json")
    assert outcome.code == 1
    found = json.loads(outcome.out)
    assert found["ok"] is False
    assert "manifest.json" in found["problems"][0]


def test_status(cli: Cli, own_once: Path) -> None:
    found = answer(cli, "status", own_once)
    assert (found["items"], found["events"], found["index"], found["model"]) == (24, 60, 1, 1)


@pytest.mark.parametrize("command", ["status", "check", "train", "profile", "similar", "recommend", "record", "remove"])
def test_no_command_makes_a_workspace(cli: Cli, tmp_path: Path, command: str) -> None:
    more = {
        "profile": ["u"], "similar": ["i"], "remove": ["i"], "recommend": ["--user", "u"],
        "record": ["--user", "u", "--item", "i"],
    }  # fmt: skip
    outcome = cli(command, tmp_path / "none", *more.get(command, []))
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "not a workspace" in outcome.err
    assert not (tmp_path / "none").exists()
