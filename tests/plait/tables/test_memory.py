"""Tables in memory: lists of dicts and data frames say what files of the same rows say."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from plait.errors import BadData, WrongCall
from plait.tables import open_table

RECORDS = [
    {"item_id": "007", "year": 1990, "price": 1.5, "tags": ["a", "b"]},
    {"item_id": "NA", "year": None, "price": None, "tags": None},
    {"item_id": "None", "year": 2001, "price": 2.0, "tags": ["c"]},
]
EXPECTED = [
    {"item_id": "007", "year": "1990", "price": "1.5", "tags": ["a", "b"]},
    {"item_id": "NA", "year": None, "price": None, "tags": None},
    {"item_id": "None", "year": "2001", "price": "2.0", "tags": ["c"]},
]


def frames() -> dict[str, object]:
    pandas = pd.DataFrame(RECORDS)
    pandas["year"] = pandas["year"].astype("Int64")
    return {"list": RECORDS, "pandas": pandas, "polars": pl.DataFrame(RECORDS), "arrow": pa.Table.from_pylist(RECORDS)}


@pytest.mark.parametrize("kind", ["list", "pandas", "polars", "arrow"])
def test_every_kind_says_the_same(kind: str) -> None:
    rows = open_table(frames()[kind], "items")
    assert rows.name == "items"
    assert rows.columns == ("item_id", "year", "price", "tags")
    for _ in range(2):
        assert [row.place for row in rows] == ["row 1", "row 2", "row 3"]
        assert [dict(row.cells) for row in rows] == EXPECTED


def test_missing_times_and_integers_of_pandas() -> None:
    frame = pd.DataFrame(
        {"at": pd.to_datetime(pd.Series(["2020-01-02", None])), "n": [3, 4], "kind": pd.Categorical(["a", None])}
    )
    first, second = open_table(frame, "items")
    assert dict(first.cells) == {"at": "2020-01-02T00:00:00", "n": "3", "kind": "a"}
    assert dict(second.cells) == {"at": None, "n": "4", "kind": None}


def test_more_rows_than_a_batch() -> None:
    numbers = list(range(2_345))
    for table in (pd.DataFrame({"n": numbers}), pl.DataFrame({"n": numbers}), pa.table({"n": numbers})):
        rows = list(open_table(table, "items"))
        assert [row.text("n") for row in rows] == [str(number) for number in numbers]
        assert rows[-1].place == "row 2345"


def test_columns_of_a_list_are_the_keys_of_all_rows() -> None:
    assert open_table([{"a": 1}, {"b": 2, "a": 3}], "items").columns == ("a", "b")
    assert open_table([], "items").columns == ()


def test_wrong_rows_and_columns() -> None:
    with pytest.raises(BadData, match="items, row 2: str; expected a dict"):
        open_table([{"a": 1}, "b"], "items")
    with pytest.raises(BadData, match="items: the column a stands twice"):
        open_table(pd.DataFrame([[1, 2]], columns=["a", "a"]), "items")
    (row,) = open_table([{"a": object, "b": {"c": 1}}], "items")
    assert row.column == "b"


@pytest.mark.parametrize("table", [7, None, b"bytes", {"a": [1]}, iter([{"a": 1}])])
def test_what_is_no_table(table: object) -> None:
    with pytest.raises(WrongCall, match="expected a path, a list of dicts or a data frame"):
        open_table(table, "items")
