"""Published rankings as tables: what is read, and what is refused in one line with its place."""

from pathlib import Path

import pytest

from plait.catalog.rankings import read_rankings
from plait.errors import BadData, WrongCall
from plait.tables import Table

USERS, ITEMS = {"ann", "bob"}, {"a", "b", "007"}


def _read(table: Table) -> dict[str, dict[str, int]]:
    return read_rankings(table, "theirs", user_ids=USERS, item_ids=ITEMS)


def _row(user_id: object, rank: object, item_id: object) -> dict[str, object]:
    return {"user_id": user_id, "rank": rank, "item_id": item_id}


def test_rows_may_come_in_any_order_and_ids_are_text() -> None:
    rows = [_row("ann", 2, "007"), _row("bob", 1, "a"), _row("ann", 1, "b"), _row("ann", "9.0", "a")]
    assert _read(rows) == {"ann": {"007": 2, "b": 1, "a": 9}, "bob": {"a": 1}}


def test_files_of_each_kind_are_read(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "r.csv").write_text("user_id,rank,item_id,score\nann,1,007,0.5\n", encoding="utf-8")
    (tmp_path / "r.jsonl").write_text('{"user_id": "ann", "rank": 1, "item_id": "007"}\n', encoding="utf-8")
    pq.write_table(pa.table({"user_id": ["ann"], "rank": [1], "item_id": ["007"]}), tmp_path / "r.parquet")
    for name in ("r.csv", "r.jsonl", "r.parquet"):
        assert _read(tmp_path / name) == {"ann": {"007": 1}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cyd,1,a", "line 3, column user_id: 'cyd' is not known"),
        ("ann,2,z", "line 3, column item_id: 'z' is not known"),
        ("ann,1,b", "line 3, column rank: 'ann' has rank 1 at line 2 already"),
        ("ann,2,a", "line 3, column item_id: 'ann' has 'a' already, on rank 1"),
        ("ann,0,b", "line 3, column rank: '0'; expected a whole number from 1"),
        ("ann,1.5,b", "line 3, column rank: '1.5'; expected a whole number from 1"),
        ("ann,nan,b", "line 3, column rank: 'nan'"),
        ("ann,inf,b", "line 3, column rank: 'inf'"),
        ("ann,first,b", "line 3, column rank: 'first'"),
        ("ann,,b", "line 3, column rank: empty"),
        (",2,b", "line 3, column user_id: empty"),
    ],
)
def test_a_bad_row_is_one_line_with_file_and_place(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text(f"user_id,rank,item_id\nann,1,a\n{line}\n", encoding="utf-8")
    with pytest.raises(BadData) as refused:
        _read(path)
    assert str(refused.value).startswith(f"theirs.csv, {said}")


def test_a_missing_column_or_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="no column rank"):
        _read([{"user_id": "ann", "item_id": "a"}])
    with pytest.raises(WrongCall, match="is not a file"):
        _read(tmp_path / "absent.csv")
