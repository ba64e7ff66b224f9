"""Attributes: what a column is, and that its values then always fit."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.attributes import (
    EARLIEST,
    LATEST,
    AttributeType,
    infer_types,
    merge_types,
    parse_number,
    parse_time,
    several,
    time_text,
    typed,
)
from plait.tables import Cell, Row

NUMBER, DATE, CATEGORY, SEVERAL = AttributeType
CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "1", "1995.0", "-2e3", "007", "0.5", "1e999", "2020-01-02", "2020-13-01", "a", "a|b", "|"]
    ),
    st.text(max_size=6),
    st.dates().map(str),
    st.floats(allow_nan=False).map(repr),
    st.lists(st.text(max_size=3), max_size=3),
)


def inferred(*cells: Cell) -> AttributeType | None:
    return infer_types([Row("row", {"a": cell}) for cell in cells], ["a"]).get("a")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", "3.5"], NUMBER),
        (["1995.0", "", None, "-1e3", ".5", "+7", "2."], NUMBER),
        (["0", "0.5", "00.5"], CATEGORY),
        (["94043", "02138"], CATEGORY),
        (["02138", "94043"], CATEGORY),
        (["1", "many"], CATEGORY),
        (["many", "1"], CATEGORY),
        (["1", "inf"], CATEGORY),
        (["1", "nan"], CATEGORY),
        (["1", "1e999"], CATEGORY),
        (["1_000"], CATEGORY),
        (["2020-01-02", "2020-01-02T03:04:05Z", "2020-01-02 03:04"], DATE),
        (["2020-01-02", "2020-02-30"], CATEGORY),
        (["2020-01-02", "2020"], CATEGORY),
        (["2020", "2020-01-02"], CATEGORY),
        (["2020", "2021"], NUMBER),
        (["true", "false"], CATEGORY),
        (["a", "b|c", "d"], SEVERAL),
        (["1", "2|3"], SEVERAL),
        (["a", ["b"]], SEVERAL),
        ([["1"]], SEVERAL),
        (["", "  ", None, []], None),
    ],
)
def test_types_of_columns(cells: list[Cell], kind: AttributeType | None) -> None:
    assert inferred(*cells) == kind


@given(st.lists(CELLS, max_size=6))
def test_every_value_fits_the_type_that_was_found(cells: list[Cell]) -> None:
    kind = inferred(*cells)
    for cell in cells:
        if kind is not None:
            value = typed(cell, kind)
            expected = {NUMBER: float, DATE: float, CATEGORY: str, SEVERAL: tuple}[kind]
            assert value is None or isinstance(value, expected)


@given(st.lists(CELLS, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(cells: list[Cell], random: Random) -> None:
    shuffled = list(cells)
    random.shuffle(shuffled)
    assert inferred(*shuffled) == inferred(*cells)


def test_columns_are_told_apart_in_one_pass() -> None:
    rows = iter([Row("1", {"a": "1", "b": "x"}), Row("2", {"a": "2"}), Row("3", {}, "a", "broken")])
    assert infer_types(rows, ["a", "b", "c"]) == {"a": NUMBER, "b": CATEGORY}


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        (" 1995.0 ", NUMBER, 1995.0),
        ("007", NUMBER, 7.0),
        ("1970-01-02", DATE, 86_400.0),
        ("86400", DATE, 86_400.0),
        (" NA ", CATEGORY, "NA"),
        ("a|b", CATEGORY, "a|b"),
        ("a| b |a||", SEVERAL, ("a", "b")),
        (["b", " a ", "b"], SEVERAL, ("b", "a")),
        ("|", SEVERAL, None),
        ("", NUMBER, None),
        (None, CATEGORY, None),
        ([], NUMBER, None),
    ],
)
def test_typed_values(cell: Cell, kind: AttributeType, value: object) -> None:
    assert typed(cell, kind) == value


@pytest.mark.parametrize(
    ("cell", "kind", "message"),
    [
        ("old", NUMBER, "'old' is no number"),
        ("inf", NUMBER, "no number"),
        ("old", DATE, "'old' is no time; expected Unix seconds or ISO 8601"),
        (["a"], CATEGORY, "several values; expected one category"),
        (["1"], NUMBER, "several values; expected one number"),
    ],
)
def test_values_that_do_not_fit(cell: Cell, kind: AttributeType, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        typed(cell, kind)


def test_several_is_empty_for_nothing() -> None:
    assert several(None) == several("") == several(" | ") == several([]) == ()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(number: float) -> None:
    assert parse_number(repr(number)) == number


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "-Infinity", "1e999", "1,5", "0x10", "1_0", "١", "1 2", "--1", "1e"]
)
def test_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("877196444", 877_196_444.0),
        ("877196444.5", 877_196_444.5),
        ("-1", -1.0),
        ("1970-01-01", 0.0),
        ("1970-01-01T00:01", 60.0),
        ("1970-01-01 00:00:01.5", 1.5),
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1969-12-31T19:00:00-0500", 0.0),
        ("2000-02-29", 951_782_400.0),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert parse_time(f" {text} ") == seconds


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(2999, 1, 1)))
def test_times_of_any_day(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert parse_time(moment.isoformat()) == pytest.approx(aware.timestamp(), abs=1e-4)
    shifted = aware + timedelta(hours=5, minutes=30)
    assert parse_time(shifted.replace(tzinfo=None).isoformat() + "+05:30") == pytest.approx(aware.timestamp(), abs=1e-4)


@pytest.mark.parametrize(
    "text", ["", "never", "nan", "inf", "2020-13-01", "2020-02-30", "2020-01-01T25:00", "01/02/2020", "20200101T00"]
)
def test_no_times(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        parse_time(text)


@pytest.mark.parametrize("text", ["1700000000000", "1e999", "-1e300", str(10**18)])
def test_milliseconds_are_refused_with_a_hint(text: str) -> None:
    with pytest.raises(ValueError, match="milliseconds"):
        parse_time(text)


def test_a_column_keeps_the_type_a_workspace_gave_it() -> None:
    merged = merge_types({"year": NUMBER, "old": DATE}, {"year": CATEGORY, "new": SEVERAL})
    assert merged == {"year": NUMBER, "old": DATE, "new": SEVERAL}


@given(st.integers(int(EARLIEST), int(LATEST)) | st.floats(EARLIEST, LATEST))
def test_times_as_text_are_read_as_the_same_times(seconds: float) -> None:
    assert parse_time(time_text(seconds)) == pytest.approx(seconds, rel=0, abs=1e-4)


def test_midnight_is_a_date() -> None:
    assert [time_text(at) for at in (0.0, 1.0, -86_400.0, 0.5)] == [
        "1970-01-01", "1970-01-01T00:00:01Z", "1969-12-31", "1970-01-01T00:00:00.500000Z",
    ]  # fmt: skip
