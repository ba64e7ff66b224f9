"""CSV files: lines as an editor counts them, one message for each thing that is wrong."""

import csv
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.errors import BadData
from plait.tables import Row, open_table

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def write(folder: Path, content: bytes | str, name: str = "items.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: bytes | str) -> list[Row]:
    return list(open_table(write(folder, content), "items"))


def test_rows_and_places(tmp_path: Path) -> None:
    rows = read(tmp_path, 'item_id,title\n007,"one\ntwo"\n\nNA, three \r\nNone,\n')
    assert [(row.place, dict(row.cells)) for row in rows] == [
        ("line 2", {"item_id": "007", "title": "one\ntwo"}),
        ("line 5", {"item_id": "NA", "title": " three "}),
        ("line 6", {"item_id": "None", "title": ""}),
    ]
    assert rows[1].text("title") == "three"
    assert rows[1].text("absent") == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(tmp_path: Path, end: str) -> None:
    rows = read(tmp_path, end.join(["a,b", "1,2", f'3,"x{end}y"', "5,6"]) + end)
    assert [row.place for row in rows] == ["line 2", "line 3", "line 5"]
    assert [row.text("a") for row in rows] == ["1", "3", "5"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert open_table(write(tmp_path, b"\xef\xbb\xbfitem_id,title\n1,x\n"), "items").columns == ("item_id", "title")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "items.csv: empty"),
        (b"\n\n", "items.csv: empty"),
        (b"a,b,a\n1,2,3\n", "line 1: the column a stands twice"),
        (b"a, a\n1,2\n", "line 1: the column a stands twice"),
        (b"a,,c\n1,2,3\n", "line 1: column 2 has no name"),
        ("größe,b\n".encode("latin-1"), "line 1: the name of column 1: not UTF-8"),
        ("item_id,title\n1,x\n".encode("utf-16"), "line 1: the name of column 1: not UTF-8"),
        (b"a\0,b\n", "line 1: the name of column 1: a NUL byte"),
        (b'"a"x,b\n', "line 1"),
    ],
)
def test_a_header_that_is_none(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(BadData, match=message) as caught:
        open_table(write(tmp_path, content), "items")
    assert "\n" not in str(caught.value)
    assert "items.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        (b"1", "b", "1 fields; expected 3"),
        (b"1,2", "c", "2 fields; expected 3"),
        (b"1,2,3,4", "", "4 fields; expected 3"),
        ("1,ü,3".encode("latin-1"), "b", "not UTF-8 at character 1"),
        (b"1,2,x\0y", "c", "a NUL byte at character 2"),
        (b'1,"2"x,3', "", "expected after"),
    ],
)
def test_a_bad_row_is_named_and_the_next_ones_are_read(tmp_path: Path, line: bytes, column: str, problem: str) -> None:
    good, bad, after = read(tmp_path, b"a,b,c\n1,2,3\n" + line + b"\n4,5,6\n")
    assert (bad.place, bad.column, dict(bad.cells)) == ("line 3", column, {})
    assert problem in bad.problem
    assert not good.problem
    assert after == Row("line 4", {"a": "4", "b": "5", "c": "6"})


def test_wrong_encoding_far_into_the_file_has_its_own_line(tmp_path: Path) -> None:
    lines = [f"{number},title {number}\n".encode() for number in range(5_000)]
    lines[4_321] = "x,Brötchen\n".encode("latin-1")
    bad = [row for row in read(tmp_path, b"item_id,title\n" + b"".join(lines)) if row.problem]
    assert [(row.place, row.column) for row in bad] == [("line 4323", "title")]


def test_a_quote_that_is_never_closed_ends_the_table(tmp_path: Path) -> None:
    rows = iter(open_table(write(tmp_path, 'a,b\n1,2\n3,"x\n5,6\n7,8\n'), "items"))
    assert next(rows).text("a") == "1"
    with pytest.raises(BadData, match=r"lines 3 to 5: .*quote"):
        next(rows)


def test_a_table_is_read_again_from_its_start(tmp_path: Path) -> None:
    rows = open_table(write(tmp_path, "a\n1\n2\n"), "items")
    first = iter(rows)
    next(first)
    assert [row.text("a") for row in rows] == ["1", "2"]
    assert [row.text("a") for row in first] == ["2"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("item_id,title\n")
        stream.writelines(f"{number},{'word ' * 40}\n" for number in range(20_000))
    tracemalloc.start()
    count = sum(1 for _ in open_table(path, "items"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 500_000 < path.stat().st_size


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_what_csv_wrote_comes_back(tmp_path: Path, values: list[tuple[str, str]]) -> None:
    with (tmp_path / "any.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *values])
    rows = list(open_table(tmp_path / "any.csv", "any"))
    assert [(row.cells["a"], row.cells["b"]) for row in rows] == values
