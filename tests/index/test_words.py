"""Words: what finds what, in any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.words import document_tokens, fold, query_tokens


@pytest.mark.parametrize(
    ("text", "tokens", "length"),
    [
        ("Red tea cup", ["red", "tea", "cup"], 3),
        ("tea, tea!", ["tea", "tea"], 2),
        ("WH-1000XM4", ["wh1000xm4", "wh", "1000xm4", "1000", "xm", "4"], 2),
        ("iPhone15", ["iphone15", "iphone", "15"], 1),
        ("3.5", ["3.5", "3", "5"], 2),
        ("interiors.This", ["interiors", "this"], 2),
        ("O'Brien", ["obrien", "o", "brien"], 2),
        ("C++ C#", ["c", "c++", "c", "c#"], 2),
        ("Café ÜBER straße ﬁne", ["cafe", "uber", "strasse", "fine"], 4),
        ("黒猫", ["黒猫", "黒", "猫"], 1),
        ("東京2020", ["東京", "東", "京", "2020"], 2),
        ("ﾊﾝｶｸ", ["ハン", "ンカ", "カク", "ハ", "ン", "カ", "ク"], 3),
        ("한국어 책", ["한국", "국어", "한", "국", "어", "책"], 3),
        ("हिन्दी किताब", ["हिन्दी", "किताब"], 2),
        ("Ёлка", ["елка"], 1),
        ("🍕 ❤️", ["🍕", "❤"], 2),
        ("-- ... _", [], 0),
        ("", [], 0),
    ],
)
def test_tokens_of_a_text(text: str, tokens: list[str], length: int) -> None:
    assert document_tokens(text) == (tokens, length)


@pytest.mark.parametrize(
    ("query", "tokens"),
    [
        ("黒猫", ["黒猫"]),
        ("猫", ["猫"]),
        ("tea Tea TEA", ["tea"]),
        ("タワーの高さ", ["タワ", "ワー", "ーの", "の高", "高さ"]),
    ],
)
def test_a_query_asks_for_each_once_and_for_pairs_where_there_are(query: str, tokens: list[str]) -> None:
    assert query_tokens(query) == tokens


def test_voicing_of_kana_is_no_accent() -> None:
    assert fold("が") == fold("か\u3099") != fold("か")
    assert fold("e\u0301") == fold("é") == "e"


@given(st.text(max_size=40))
def test_a_text_has_all_that_it_asks_for(text: str) -> None:
    tokens, length = document_tokens(text)
    assert set(query_tokens(text)) <= set(tokens)
    assert 0 <= length <= len(text) * 4
    assert bool(tokens) == bool(length)
    assert all(tokens)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_line_break_parts_words(left: str, right: str) -> None:
    both = document_tokens(f"{left}\n{right}")
    one, two = document_tokens(left), document_tokens(right)
    assert both == (one[0] + two[0], one[1] + two[1])


@given(st.text(max_size=40))
def test_writing_in_capitals_makes_no_difference(text: str) -> None:
    assert set(query_tokens(text.upper())) == set(query_tokens(text.upper().lower()))
