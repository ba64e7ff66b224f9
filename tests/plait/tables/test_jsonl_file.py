"""JSONL files: ids stay text, each line stands for itself."""

import json
from pathlib import Path

import pytest

from plait.errors import BadData
from plait.tables import Row, Rows, open_table


def table(folder: Path, content: bytes | str) -> Rows:
    path = folder / "items.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_table(path, "items")


def test_numbers_keep_their_letters_and_columns_are_those_of_all_rows(tmp_path: Path) -> None:
    rows = table(
        tmp_path, '{"id": 1e5, "a": 0.10}\n\n{"id": "007", "b": ["x", 2], "a": null}\n{"id": 12345678901234567890}\n'
    )
    assert rows.columns == ("id", "a", "b")
    assert list(rows) == [
        Row("line 1", {"id": "1e5", "a": "0.10"}),
        Row("line 3", {"id": "007", "b": ["x", "2"], "a": None}),
        Row("line 4", {"id": "12345678901234567890"}),
    ]


def test_truths_are_text_and_nan_is_no_missing_value(tmp_path: Path) -> None:
    (row,) = table(tmp_path, '\ufeff{"a": true, "b": NaN, "c": -Infinity}')
    assert dict(row.cells) == {"a": "true", "b": "NaN", "c": "-Infinity"}


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        (b'{"a": 1', "", "no JSON: Expecting ',' delimiter at character 8"),
        (b"[1, 2]", "", "no JSON object"),
        (b'"text"', "", "no JSON object"),
        (b'{"a": 1, "a": 2}', "", "the key a stands twice"),
        (b'{"a": {"b": 1}}', "a", "an object"),
        (b'{"a": [[1]]}', "a", "a list of lists"),
        ('{"a": "ü"}'.encode("latin-1"), "a", "not UTF-8"),
        (b'{"a": "\\ud800"}', "a", "not UTF-8"),
        (b'{"a": "\\u0000"}', "a", "a NUL byte"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "", ""),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_is_read(tmp_path: Path, line: bytes, column: str, problem: str) -> None:
    bad, good = table(tmp_path, line + b'\n{"a": "fine"}\n')
    assert (bad.place, bad.column, dict(bad.cells)) == ("line 1", column, {})
    assert bad.problem
    assert problem in bad.problem
    assert good.cells == {"a": "fine"}


def test_an_empty_file(tmp_path: Path) -> None:
    for content in ("", "\n \n"):
        with pytest.raises(BadData, match="empty; expected one JSON object a line"):
            table(tmp_path, content)


def test_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.tables.jsonl_file.LONGEST_LINE", 100)
    with pytest.raises(BadData, match="line 2: longer than 100"):
        table(tmp_path, '{"a": 1}\n' + json.dumps({"a": "x" * 200}))
