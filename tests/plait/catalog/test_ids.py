"""Ids: a line each, or a column."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plait.catalog import read_ids
from plait.errors import BadData, WrongCall


def ids(folder: Path, content: str | bytes, name: str, column: str = "item_id") -> list[str]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_ids(path, column)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("ids.txt", "007\nNA\n\n None \n1e5", ["007", "NA", "None", "1e5"]),
        ("ids.txt", "\ufeff007\r\nNA\r\n", ["007", "NA"]),
        ("ids.txt", "a,b\nc,d\n", ["a,b", "c,d"]),
        ("ids", "x\u2028y\n", ["x\u2028y"]),
        ("ids.csv", "007\nNA\n", ["007", "NA"]),
        ("ids.csv", "item_id\n007\nNA\n", ["007", "NA"]),
        ("ids.csv", '"item_id","title"\n007,"a\nb"\nNA,x\n', ["007", "NA"]),
        ("ids.txt", "title, item_id\nx,007\n", ["007"]),
        ("ids.jsonl", '{"item_id": 7}\n{"item_id": "007"}\n', ["7", "007"]),
        ("ids.txt", "", []),
    ],
)
def test_every_form(tmp_path: Path, name: str, content: str, expected: list[str]) -> None:
    assert ids(tmp_path, content, name) == expected


def test_other_columns_and_tables(tmp_path: Path) -> None:
    assert ids(tmp_path, "user_id,age\nu,3\n", "users.csv", "user_id") == ["u"]
    pq.write_table(pa.table({"user_id": [7, 8]}), tmp_path / "users.parquet")
    assert read_ids(tmp_path / "users.parquet", "user_id") == ["7", "8"]
    unnamed = tmp_path / "users"
    unnamed.write_bytes((tmp_path / "users.parquet").read_bytes())
    assert read_ids(str(unnamed), "user_id") == ["7", "8"]
    assert read_ids([{"item_id": 7}]) == ["7"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ids.csv", b"id,title\n1,x\n", "no column item_id; it has id, title"),
        ("ids.jsonl", b'{"id": 1}\n', "no column item_id"),
        ("ids.csv", b"item_id,title\n1,x\n,y\n", r"ids\.csv, line 3, column item_id: empty"),
        ("ids.csv", b"item_id,title\n1,x\n2\n", r"ids\.csv, line 3, column title: the row has 1 fields"),
        ("ids.txt", b"a\n\xff\n", r"ids\.txt, line 2: not UTF-8"),
        ("ids.txt", b"a\nb\0\n", r"ids\.txt, line 2: a NUL byte"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(BadData, match=message):
        ids(tmp_path, content, name)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="is not a file"):
        read_ids(tmp_path / "no.txt")
