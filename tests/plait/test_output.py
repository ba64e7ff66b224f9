"""Rankings as files: the columns of design's contract, ids as text, whole files or none."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait.errors import WrongCall
from plait.output import Key, write_rankings
from plait.ranking import RankedItem, Ranking

IDS = ["007", "NA", "None", "1e5", 'a,b\n"c"', "ü"]


def ranking(name: str, ids: list[str], key: Key = "user_id") -> Ranking:
    items = tuple(RankedItem(place, item_id, 1 / (place + 2), "", {}) for place, item_id in enumerate(ids, start=1))
    return Ranking(items, "index 1", user_id=name) if key == "user_id" else Ranking(items, "index 1", query_id=name)


def rows_of(path: Path) -> tuple[list[str], list[tuple[str, int, str, float]]]:
    """Return the columns and rows of a file, each value as the file has it."""
    import pyarrow.parquet as pq

    if path.suffix == ".parquet":
        table = pq.read_table(path)
        assert [str(kind) for kind in table.schema.types] == ["string", "int64", "string", "double"]
        return table.column_names, [tuple(row.values()) for row in table.to_pylist()]
    if path.suffix == ".jsonl":
        read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return list(read[0]), [tuple(row.values()) for row in read]
    with path.open(encoding="utf-8", newline="") as stream:
        columns, *rows = csv.reader(stream)
    return columns, [(name, int(rank), item_id, float(score)) for name, rank, item_id, score in rows]


@pytest.mark.parametrize("key", ["user_id", "query_id"])
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_round_trip(tmp_path: Path, ending: str, key: Key) -> None:
    path = tmp_path / f"rankings.{ending}"
    rankings = [ranking("0042", IDS, key), ranking("nobody", [], key), ranking("NA", IDS[:2], key)]
    assert write_rankings(path, rankings, key=key) == 8
    columns, rows = rows_of(path)
    assert columns == [key, "rank", "item_id", "score"]
    assert rows == [
        *(("0042", place, item_id, 1 / (place + 2)) for place, item_id in enumerate(IDS, start=1)),
        ("NA", 1, "007", 1 / 3),
        ("NA", 2, "NA", 1 / 4),
    ]
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_nothing_ranked_is_a_file_without_rows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"rankings.{ending}"
    assert write_rankings(path, [ranking("u", [])], key="user_id") == 0
    if ending == "jsonl":
        assert path.read_text() == ""
    else:
        assert rows_of(path) == (["user_id", "rank", "item_id", "score"], [])


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, ending: str) -> None:
    def breaking() -> Iterator[Ranking]:
        yield ranking("u", IDS)
        raise RuntimeError

    path = tmp_path / f"rankings.{ending}"
    path.write_text("what was there")
    with pytest.raises(RuntimeError):
        write_rankings(path, breaking(), key="user_id")
    assert path.read_text() == "what was there"
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


def test_another_ending(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=r"rankings\.docx: expected a name ending in \.parquet, \.csv, \.jsonl"):
        write_rankings(tmp_path / "rankings.docx", [], key="user_id")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_folder_that_is_not_there(tmp_path: Path, ending: str) -> None:
    with pytest.raises(WrongCall, match=f"--output .*rankings.{ending}: .*nowhere is not a folder"):
        write_rankings(tmp_path / "nowhere" / f"rankings.{ending}", [], key="user_id")
    (tmp_path / f"taken.{ending}").mkdir()
    with pytest.raises(WrongCall, match="is a folder; expected a file"):
        write_rankings(tmp_path / f"taken.{ending}", [], key="user_id")
