"""Bad input: one line, the right exit code, nothing lost."""

import json
import os
from pathlib import Path

import pytest

from tests.plait import toy
from tests.plait.conftest import Cli


def complaint(err: str) -> str:
    """Return the last line of standard error; every line of it must be the program's own."""
    lines = err.strip().splitlines()
    assert lines
    assert "Traceback" not in err
    return lines[-1]


def status(cli: Cli, workspace: Path) -> object:
    outcome = cli("status", workspace, "--json")
    assert outcome.code == 0
    return json.loads(outcome.out)


def test_not_a_workspace(cli: Cli, tmp_path: Path) -> None:
    for command in (["search", tmp_path, "words"], ["status", tmp_path], ["recommend", tmp_path / "no", "--user", "u"]):
        outcome = cli(*command)
        assert outcome.code == 2
        assert "not a workspace" in complaint(outcome.err)
        assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--limit", "0"],
        ["--limit", "-3"],
        ["--offset", "-1"],
        ["--limit", "many"],
        ["--where", "year >"],
        ["--where", "colour = 'red'"],
        ["--where", "year = 'old'"],
        ["--where", "(" * 300 + "year = 1" + ")" * 300],
        ["--where", "__import__('os').system('true')"],
        ["--candidates", "absent.txt"],
        ["--output", "rankings.docx"],
        ["--weights", "text=much"],
        ["--weights", "smell=1"],
        ["--colour", "red"],
    ],
)
def test_wrong_calls_of_search(cli: Cli, built_once: Path, arguments: list[str]) -> None:
    outcome = cli("search", built_once, "bread", *arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1


def test_search_without_a_query(cli: Cli, built_once: Path) -> None:
    outcome = cli("search", built_once)
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1


def test_similar_to_an_unknown_item(cli: Cli, built_once: Path) -> None:
    outcome = cli("similar", built_once, "no-such-item")
    assert outcome.code == 2
    assert "no-such-item" in outcome.err


def test_an_unknown_user_gets_popular_items(cli: Cli, trained_once: Path) -> None:
    outcome = cli("recommend", trained_once, "--user", "a stranger", "--json")
    assert outcome.code == 0
    assert "a stranger" in outcome.err
    answer = json.loads(outcome.out)
    assert len(answer["items"]) == 10
    assert any("a stranger" in note for note in answer["notes"])


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ("title,description\nBread,warm\n", "item_id"),
        ("item_id,year\na,1990\n", "title"),
        ("item_id,title\n,Bread\n", "item_id"),
        ("item_id,title\na,Bread\nb,Soup\na,Cake\n", "line 4"),
        ("item_id,title,image\na,Bread,absent.jpg\n", "absent.jpg"),
        ("item_id,title,image\na,Bread,../../../../etc/hostname\n", "outside"),
        ("item_id,title,created_at\na,Bread,yesterday\n", "created_at"),
        ("", "empty"),
    ],
)
def test_bad_items_store_nothing(cli: Cli, built: Path, tmp_path: Path, rows: str, named: str) -> None:
    before = status(cli, built)
    path = tmp_path / "bad.csv"
    path.write_text(rows, encoding="utf-8")
    outcome = cli("add", built, "--items", path)
    assert outcome.code == 1, outcome.err
    assert named in outcome.err
    assert "bad.csv" in outcome.err
    assert status(cli, built) == before


def test_a_missing_file_is_a_wrong_call(cli: Cli, built: Path) -> None:
    outcome = cli("add", built, "--items", built / "no.csv")
    assert outcome.code == 2
    assert "no.csv" in complaint(outcome.err)


def test_wrong_encoding(cli: Cli, built: Path, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("item_id,title\na,Brötchen\n".encode("latin-1"))
    outcome = cli("add", built, "--items", path)
    assert outcome.code == 1
    assert "UTF-8" in outcome.err


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("u,cooking-0,never,like", "never"),
        ("u,cooking-0,nan,like", "nan"),
        ("u,no-such-item,1700000000,like", "no-such-item"),
        ("u,cooking-0,1700000000,teleport", "teleport"),
        (",cooking-0,1700000000,like", "user_id"),
        ("u,,1700000000,like", "item_id"),
    ],
)
def test_bad_events_store_nothing(cli: Cli, built: Path, tmp_path: Path, row: str, named: str) -> None:
    before = status(cli, built)
    path = tmp_path / "events.csv"
    path.write_text(f"user_id,item_id,timestamp,event\nu,cooking-1,1700000000,like\n{row}\n", encoding="utf-8")
    outcome = cli("record", built, "--interactions", path)
    assert outcome.code == 1, outcome.err
    assert named in outcome.err
    assert "line 3" in outcome.err
    assert status(cli, built) == before
    skipped = cli("record", built, "--interactions", path, "--on-error", "skip", "--json")
    assert skipped.code == 0
    assert json.loads(skipped.out) == {"accepted": 1, "duplicates": 0}


def test_skip_leaves_whole_rows_out_and_counts_them(cli: Cli, built: Path, tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text("item_id,title,image\nnew-1,Rye bread,absent.jpg\nnew-2,Oat bread,\n", encoding="utf-8")
    outcome = cli("add", built, "--items", path, "--on-error", "skip", "--json")
    assert outcome.code == 0, outcome.err
    counts = json.loads(outcome.out)
    assert counts["items"] == {"added": 1, "updated": 0, "unchanged": 0, "removed": 0, "rejected": 1}
    assert counts["encoded"] == {"text": 1, "image": 0, "audio": 0}
    assert cli("similar", built, "new-1").code == 2
    assert cli("similar", built, "new-2").code == 0


def test_broken_and_huge_media(cli: Cli, built: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    (tmp_path / "page.png").write_text("<html>no picture</html>", encoding="utf-8")
    (tmp_path / "silence.wav").write_bytes(b"RIFF\x04\x00\x00\x00WAVE")
    with (tmp_path / "huge.jpg").open("wb") as stream:
        stream.truncate(2 << 30)
    for column, name in (
        ("image", "broken.jpg"),
        ("image", "page.png"),
        ("audio", "silence.wav"),
        ("image", "huge.jpg"),
    ):
        path = tmp_path / "media.csv"
        path.write_text(f"item_id,title,{column}\nm,Bread,{name}\n", encoding="utf-8")
        outcome = cli("add", built, "--items", path)
        assert outcome.code == 1, name
        assert name in outcome.err
        assert "line 2" in outcome.err
        assert f"column {column}" in outcome.err


def test_ids_are_text(cli: Cli, built: Path, tmp_path: Path) -> None:
    ids = ["007", "NA", "None", "1e5", "null", "true", "-", "Ünï", "a b"]
    path = toy.write_table(tmp_path / "ids.csv", [{"item_id": name, "title": f"Rye bread {name}"} for name in ids])
    assert cli("add", built, "--items", path).code == 0
    answer = json.loads(cli("search", built, "rye bread", "--limit", "50", "--json").out)
    assert set(ids) <= {item["item_id"] for item in answer["items"]}
    for name in ids:
        assert cli("record", built, "--user", "NA", "--item", name).code == 0
    assert json.loads(cli("profile", built, "NA", "--json").out)["events"] == len(ids)


def test_a_folder_with_other_things_is_left_alone(cli: Cli, toy_files: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    outcome = cli("build", tmp_path, "--items", toy_files / "items.csv")
    assert outcome.code == 2
    assert os.listdir(tmp_path) == ["letter.txt"]


@pytest.mark.parametrize("policy", ["stop", "skip"])
def test_of_many_bad_rows_the_rest_is_counted(cli: Cli, own: Path, tmp_path: Path, policy: str) -> None:
    events = [{"user_id": "u", "item_id": f"none-{place}", "timestamp": "1"} for place in range(25)]
    outcome = cli("score", own, "--pairs", toy.write_table(tmp_path / "pairs.csv", events), "--on-error", policy)
    assert outcome.code == (1 if policy == "stop" else 0)
    assert "plait: and 5 more" in outcome.err
    assert outcome.err.count("is not in the catalogue") == 20 + (policy == "stop")


def test_a_name_given_twice(cli: Cli, own: Path) -> None:
    outcome = cli("similar", own, "cooking-0", "--weights", "text=1,image=2,text=2")
    assert outcome.code == 2
    assert "expected each name once" in complaint(outcome.err)


def test_own_vectors_that_do_not_fit_the_table(cli: Cli, tmp_path: Path) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    items = toy.write_table(tmp_path / "items.csv", toy.items())
    ids = [row["item_id"] for row in toy.items()]
    vectors = np.random.default_rng(0).normal(size=(26, 4)).astype(np.float32)
    vectors[3] = 0.0

    def build(names: list[str]) -> tuple[int, str]:
        pq.write_table(pa.table({"item_id": names, "vector": vectors.tolist()}), tmp_path / "own.parquet")
        outcome = cli("build", tmp_path / "w", "--items", items, "--vectors", f"text={tmp_path / 'own.parquet'}")
        return outcome.code, outcome.err

    code, err = build([*ids, "twice", "twice"])
    assert code == 1
    assert complaint(err) == "plait: own.parquet: item_id 'twice' comes more than once; expected one vector an item"
    code, err = build([*ids, "unknown", "stranger"])
    assert code == 0
    assert "own.parquet: 2 vectors are of no item of the table and were passed over" in err
    assert "own.parquet: 1 vectors are all zero: their items lack the text strand" in err
