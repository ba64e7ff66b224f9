"""Queries and pairs."""

from pathlib import Path

import pytest

from plait.catalog import Pair, QueryRow, read_pairs, read_queries
from plait.errors import BadData, WrongCall
from plait.tables import open_table


def test_queries_of_every_strand(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "q.csv").write_text("query_id,text,image\n007,warm bread,\nNA,,a.png\n", encoding="utf-8")
    assert read_queries(tmp_path / "q.csv") == [
        QueryRow("007", text="warm bread"),
        QueryRow("NA", image=str(tmp_path.resolve() / "a.png")),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text\nx\n", "no column query_id"),
        ("query_id,words\n1,x\n", "no column text or image or audio"),
        ("query_id,text\n,x\n", "line 2, column query_id: empty"),
        ("query_id,text\n1,x\n1,y\n", "line 3, column query_id: '1' stands at line 2 already"),
        ("query_id,text\n1,\n", "line 2: empty; expected text, image or audio"),
        ("query_id,image\n1,no.png\n", "line 2, column image: no.png is absent or no regular file"),
        ("query_id,text\n1,x,y\n", "line 2: the row has 3 fields"),
    ],
)
def test_bad_queries(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "q.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadData, match=message):
        read_queries(tmp_path / "q.csv")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="is not a file"):
        read_queries(tmp_path / "no.csv")


def test_pairs() -> None:
    rows = open_table([{"user_id": "u", "item_id": 7}, {"user_id": "u", "item_id": "8", "rating": "3.5"}], "pairs")
    assert [row.value for row in read_pairs(rows)] == [Pair("u", "7"), Pair("u", "8", 3.5)]


def test_bad_pairs() -> None:
    records = [
        {"user_id": "", "item_id": "a"},
        {"user_id": "u", "item_id": ""},
        {"user_id": "u", "item_id": "a", "rating": "x"},
    ]
    errors = [str(row.error) for row in read_pairs(open_table(records, "pairs")) if row.error]
    assert errors == [
        "pairs, row 1, column user_id: empty",
        "pairs, row 2, column item_id: empty",
        "pairs, row 3, column rating: 'x' is no number",
    ]
    with pytest.raises(BadData, match="pairs: no column item_id"):
        read_pairs(open_table([{"user_id": "u"}], "pairs"))
