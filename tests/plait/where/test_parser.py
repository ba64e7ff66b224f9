"""The parser: what it reads, and where it says that something is wrong."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.errors import WrongCall
from plait.where import Comparison, Junction, WhereError, parse_where


def one(name: str, sign: str, *values: str | float) -> Comparison:
    return Comparison(name, sign, values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("year = 1990", one("year", "=", 1990.0)),
        ("year!=-1.5e3", one("year", "!=", -1500.0)),
        ("year<.5", one("year", "<", 0.5)),
        ("year >=+2.", one("year", ">=", 2.0)),
        ("genre = 'it''s'", one("genre", "=", "it's")),
        ("genre = ''", one("genre", "=", "")),
        ("genre = 'and or not (1)'", one("genre", "=", "and or not (1)")),
        ("año = '日本'", one("año", "=", "日本")),
        ('"Price (USD)" > 3', one("Price (USD)", ">", 3.0)),
        ('"a ""b""" = 1', one('a "b"', "=", 1.0)),
        ('"not" IS NULL', one("not", "is null")),
        ("year is not null", one("year", "is not null")),
        ("year IN (1, 'b',3)", one("year", "in", 1.0, "b", 3.0)),
        ("year not in ('a')", one("year", "not in", "a")),
        ("(a = 1)", one("a", "=", 1.0)),
        ("not a = 1", Junction("not", (one("a", "=", 1.0),))),
        (
            "a=1 and b=2 or c=3",
            Junction("or", (Junction("and", (one("a", "=", 1.0), one("b", "=", 2.0))), one("c", "=", 3.0))),
        ),
        (
            "a=1 and (b=2 or c=3)",
            Junction("and", (one("a", "=", 1.0), Junction("or", (one("b", "=", 2.0), one("c", "=", 3.0))))),
        ),
        ("not a=1 and b=2", Junction("and", (Junction("not", (one("a", "=", 1.0),)), one("b", "=", 2.0)))),
        ("a=1\n\tAND\n b=2", Junction("and", (one("a", "=", 1.0), one("b", "=", 2.0)))),
    ],
)
def test_expressions(text: str, expected: Comparison | Junction) -> None:
    assert parse_where(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "character 1: got the end; expected the name of an attribute"),
        ("  ", "got the end; expected the name"),
        ("year", "character 5: got the end; expected =, !=, <, <=, >, >=, in or is"),
        ("year >", "character 7: got the end; expected a number or 'text'"),
        ("year == 3", "character 7: got '='; expected a number or 'text'"),
        ("year = old", "character 8: got 'old'; expected a number or 'text'"),
        ("year = null", "character 8: got 'null'; expected a number or 'text'"),
        ("3 = year", "character 1: got '3'; expected the name"),
        ("year = 3 4", "character 10: got '4'; expected and, or or the end"),
        ("year = 3)", "character 9: got ')'; expected and, or or the end"),
        ("(year = 3", "character 10: got the end; expected and, or or )"),
        ("year = 'old", 'character 8: "\'old" is not understood'),
        ("year = 3abc", "character 8: '3abc' is not understood"),
        ("year = 1.2.3", "is not understood"),
        ("year in 3", "character 9: got '3'; expected ("),
        ("year in ()", "character 10: got ')'; expected a number or 'text'"),
        ("year in (1 2)", "expected , or )"),
        ("year in (1,)", "expected a number or 'text'"),
        ("year not = 3", "character 10: got '='; expected in"),
        ("year is 3", "expected null"),
        ("year ! 3", "character 6: '! 3' is not understood"),
        ("a = 1 and", "character 10: got the end; expected the name"),
        ("a = 1 & b = 2", "is not understood"),
        ("a = 1; drop table items", "character 6: '; drop table items' is not understood"),
        ("__import__('os').system('true')", "character 17: \".system('true')\" is not understood"),
        ('"" = 1', "is not understood"),
        ("a = '" + "x" * 3_000 + "'", "3006 characters; expected at most 2000"),
        ("(" * 300 + "a=1" + ")" * 300, "character 52: nested deeper than 50"),
        ("not " * 300 + "a=1", "nested deeper than 50"),
    ],
)
def test_errors_name_the_place_and_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(WhereError) as caught:
        parse_where(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("where")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
    assert isinstance(caught.value, WrongCall)


def test_depth_and_length_that_are_allowed() -> None:
    assert parse_where("(" * 50 + "a=1" + ")" * 50) == one("a", "=", 1.0)
    many = parse_where(" or ".join(["a=1"] * 280))
    assert isinstance(many, Junction)
    assert len(many.parts) == 280


@given(st.text(max_size=60) | st.text(alphabet="a1'\"()=<>!, \n.notriS", max_size=60))
def test_any_text_is_an_expression_or_one_error(text: str) -> None:
    # Anything but WhereError fails the test.
    with contextlib.suppress(WhereError):
        parse_where(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_can_be_quoted(text: str) -> None:
    assert parse_where("a = '" + text.replace("'", "''") + "'") == one("a", "=", text)
    if text:
        assert parse_where('"' + text.replace('"', '""') + '" = 1') == one(text, "=", 1.0)
