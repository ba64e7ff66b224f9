"""Parquet files: typed values as text, batch by batch."""

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plait.errors import BadData
from plait.tables import open_table


def write(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    path = folder / "items.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_typed_values_are_text(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "item_id": pa.array([7, None, 2**53 + 1], pa.int64()),
            "name": ["NA", "None", None],
            "price": [1.5, float("nan"), 2.0],
            "when": pa.array([datetime.datetime(2020, 1, 2), None, None], pa.timestamp("s")),
            "day": pa.array([datetime.date(2020, 1, 2), None, None]),
            "tags": [["a", "b"], [], None],
            "kind": pa.array(["x", "y", "x"]).dictionary_encode(),
            "blob": pa.array([b"abc", None, b"d"]),
        },
    )
    rows = list(open_table(path, "items"))
    assert [row.place for row in rows] == ["row 1", "row 2", "row 3"]
    assert dict(rows[0].cells) == {
        "item_id": "7", "name": "NA", "price": "1.5", "when": "2020-01-02T00:00:00", "day": "2020-01-02",
        "tags": ["a", "b"], "kind": "x", "blob": "abc",
    }  # fmt: skip
    assert rows[1].cells["item_id"] is None
    assert rows[1].cells["price"] is None
    assert rows[1].cells["name"] == "None"
    assert rows[1].cells["tags"] == []
    assert rows[2].cells["item_id"] == "9007199254740993"


def test_structs_and_bytes_that_are_no_text_are_bad_rows(tmp_path: Path) -> None:
    rows = list(open_table(write(tmp_path, {"a": [{"b": 1}, None], "c": [b"x", b"\xff"]}), "items"))
    assert [(row.column, bool(row.problem)) for row in rows] == [("a", True), ("c", True)]


def test_rows_are_numbered_across_batches_and_row_groups(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": list(range(2_500))}, row_group_size=700)
    rows = list(open_table(path, "items"))
    assert [row.text("a") for row in rows] == [str(number) for number in range(2_500)]
    assert rows[-1].place == "row 2500"


def test_columns_that_stand_twice(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    with pytest.raises(BadData, match=r"items\.parquet: the column a stands twice"):
        open_table(path, "items")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"item_id,title\n1,x\n"])
def test_no_parquet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "items.parquet"
    path.write_bytes(content)
    with pytest.raises(BadData, match=r"items\.parquet: no Parquet file") as caught:
        open_table(path, "items")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_broken_inside(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": [f"text {number}" for number in range(5_000)]}, compression="snappy")
    content = bytearray(path.read_bytes())
    content[100:20_000] = bytes(19_900)
    path.write_bytes(content)
    with pytest.raises(BadData, match=r"items\.parquet, after row 0: broken"):
        list(open_table(path, "items"))
