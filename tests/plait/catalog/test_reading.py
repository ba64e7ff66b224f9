"""Reading: one line for each row that is refused."""

import pytest

from plait.catalog import Read, RowError
from plait.catalog.reading import Refused, all_values, parsed, read_all
from plait.errors import BadData
from plait.tables import Row, open_table


def test_an_error_in_one_line() -> None:
    assert (
        str(RowError("items.csv", "line 7", "image", "broken\nby\t far"))
        == "items.csv, line 7, column image: broken by far"
    )
    assert str(RowError("items.csv", "line 7", "", "2 fields")) == "items.csv, line 7: 2 fields"


def test_rows_that_could_not_be_read_are_errors_too() -> None:
    rows = open_table([{"a": "1"}, {"a": {"b": 1}}, {"a": "x"}], "things")

    def read(row: Row) -> int:
        return parsed("a", lambda: int(row.text("a")))

    one, two, three = read_all(rows, read)
    assert one == Read("row 1", 1)
    assert two.error == RowError("things", "row 2", "a", "an object; expected text, a number or a list")
    assert three.error is not None
    assert three.error.column == "a"
    assert three.value is None
    with pytest.raises(BadData, match=r"^things, row 2, column a: .* \(and 1 more rows\)$"):
        all_values([one, two, three])
    with pytest.raises(BadData, match=r"^things, row 2, column a: .*list$"):
        all_values([two])
    assert all_values([one]) == [1]


def test_a_refusal_keeps_its_column() -> None:
    def refuse() -> int:
        raise Refused("b", "no")

    with pytest.raises(Refused) as caught:
        parsed("a", refuse)
    assert caught.value.column == "b"
