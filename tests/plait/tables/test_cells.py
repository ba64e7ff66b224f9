"""Cells: values of typed tables as text."""

import datetime
import decimal
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.tables import cell_of


@pytest.mark.parametrize("text", ["007", "NA", "None", "null", "1e5", "nan", "NaN", "true", "", " x ", "Ünï", "日本"])
def test_text_stays_what_it_is(text: str) -> None:
    assert cell_of(text) == text


@given(st.text())
def test_any_text_stays_or_is_refused(text: str) -> None:
    spoilt = "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
    if spoilt:
        with pytest.raises(ValueError, match="UTF-8"):
            cell_of(text)
    else:
        assert cell_of(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (-7, "-7"),
        (10**20, "100000000000000000000"),
        (1.5, "1.5"),
        (2.0, "2.0"),
        (True, "true"),
        (False, "false"),
        (np.int64(9), "9"),
        (np.float64(0.25), "0.25"),
        (np.bool_(True), "true"),
        (np.str_("a"), "a"),
        (decimal.Decimal("1.50"), "1.50"),
        (b"abc", "abc"),
        ("é".encode(), "é"),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), "2020-01-02T03:04:05+00:00"),
        (np.datetime64("2020-01-02"), "2020-01-02"),
        (math.inf, "inf"),
    ],
)
def test_other_values_are_their_usual_text(value: object, text: str) -> None:
    assert cell_of(value) == text


@pytest.mark.parametrize("value", [None, math.nan, np.float32("nan"), np.float64("nan")])
def test_missing_values(value: object) -> None:
    assert cell_of(value) is None


@pytest.mark.parametrize(
    "value", [["a", 1, None, 2.5], ("a", 1, None, 2.5), np.array(["a", 1, None, 2.5], dtype=object)]
)
def test_lists_are_several_texts_without_the_missing(value: object) -> None:
    assert cell_of(value) == ["a", "1", "2.5"]


@pytest.mark.parametrize("value", [{"a": 1}, [{"a": 1}], [["a"], ["b"]], b"\xff", "\0", ["a\0"], "\ud800"])
def test_what_no_cell_can_hold(value: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        cell_of(value)
