"""MovieLens-100k's two layouts, read from small texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.datasets.movielens_layouts import GENRES, HEADERS, read_atomic, read_raw, split_title
from plait.errors import BadData

FLAGS = {genre: place for place, genre in enumerate(GENRES)}


def flags(*genres: str) -> str:
    return "|".join("1" if genre in genres else "0" for genre in GENRES)


RAW = {
    "u.item": "\n".join([
        f"1|Toy Story (1995)|01-Jan-1995||http://x|{flags('Animation', 'Comedy', 'Children' + chr(39) + 's')}",
        f"2|Misérables, Les (1995)|01-Jan-1995||http://x|{flags('Drama')}",
        f"267|unknown||||{flags('unknown')}",
        "",
    ]),
    "u.data": "1\t2\t3\t881250949\n2\t267\t5\t891717742\n",
    "u.user": "1|24|M|technician|85711\r\n2|53|F|other|T8H1N\r\n",
}  # fmt: skip
ATOMIC = {
    ".item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
    "1\tToy Story\t1995\tAnimation Children's Comedy\n"
    "2\tMisérables, Les\t1995\tDrama\n"
    "267\tunknown\t\tunknown\n",
    ".inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t2\t3\t881250949\n2\t267\t5\t891717742\n",
    ".user": "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n"
    "1\t24\tM\ttechnician\t85711\n2\t53\tF\tother\tT8H1N\n",
}


def test_both_layouts_say_the_same() -> None:
    raw, atomic = read_raw(RAW), read_atomic(ATOMIC)
    assert raw.by_name() == atomic.by_name()
    assert raw.items == [
        ("1", "Toy Story", "Animation|Children's|Comedy", "1995"),
        ("2", "Les Misérables", "Drama", "1995"),
        ("267", "unknown", "unknown", ""),
    ]
    assert raw.interactions == [("1", "2", "3", "881250949"), ("2", "267", "5", "891717742")]
    assert raw.users == [("1", "24", "M", "technician", "85711"), ("2", "53", "F", "other", "T8H1N")]


def test_rows_are_as_wide_as_their_headers() -> None:
    for tables in (read_raw(RAW), read_atomic(ATOMIC)):
        for name, rows in tables.by_name().items():
            assert {len(row) for row in rows} == {len(HEADERS[name])}


def test_columns_of_the_atomic_layout_are_found_by_name() -> None:
    turned = "timestamp:float\trating:float\tnote:token\titem_id:token\tuser_id:token\n9\t4\tx\t2\t1\n"
    assert read_atomic({**ATOMIC, ".inter": turned}).interactions == [("1", "2", "4", "9")]


@pytest.mark.parametrize(
    ("title", "name", "year"),
    [
        ("Matrix, The (1999)", "The Matrix", "1999"),
        ("Toy Story (1995)", "Toy Story", "1995"),
        ("Enfer, L' (1994)", "L'Enfer", "1994"),
        ("Horseman on the Roof, The (Hussard sur le toit, Le) (1995)",
         "The Horseman on the Roof (Le Hussard sur le toit)", "1995"),
        ("Star Maker, The (Uomo delle stelle, L') (1995)", "The Star Maker (L'Uomo delle stelle)", "1995"),
        ("Maybe, Maybe Not (Bewegte Mann, Der) (1994)", "Maybe, Maybe Not (Der Bewegte Mann)", "1994"),
        ("Land Before Time III: The Time of the Great Giving (1995) (V)",
         "Land Before Time III: The Time of the Great Giving", "1995"),
        ("Good, the Bad and the Ugly, The (1966)", "The Good, the Bad and the Ugly", "1966"),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", "1968"),
        ("Seven (Se7en) (1995)", "Seven (Se7en)", "1995"),
        ("1984", "1984", ""),
        ("unknown", "unknown", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_titles(title: str, name: str, year: str) -> None:
    assert split_title(title) == (name, year)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1), st.integers(1900, 2099))
def test_a_plain_title_keeps_its_words(name: str, year: int) -> None:
    assert split_title(f"{name} ({year})") == (name, str(year))
    assert split_title(f"{name}, The ({year})") == (f"The {name}", str(year))


def test_a_title_that_is_only_a_year_is_replaced_by_the_id() -> None:
    raw = {**RAW, "u.item": f"7| (1995)||||{flags('Drama')}\n"}
    assert read_raw(raw).items == [("7", "7", "Drama", "1995")]


def test_a_year_that_is_none_is_looked_for_in_the_title() -> None:
    header = ATOMIC[".item"].split("\n")[0]
    films = read_atomic({**ATOMIC, ".item": f"{header}\n8\tWar (1995)\tV\tWar Drama\n9\tPeace\tV\tDrama\n"}).items
    assert films == [("8", "War", "War|Drama", "1995"), ("9", "Peace", "Drama", "")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("u.data", "1\t2\t3\t4\n1\t2\n", r"u\.data, line 2: 2 cells; expected at least 4"),
        ("u.item", "1|Toy Story", r"u\.item, line 1: 2 cells; expected at least 24"),
        ("u.user", "1\t24\tM", r"u\.user, line 1: 1 cells; expected at least 5"),
    ],
)
def test_a_short_line_of_the_raw_layout_is_named(name: str, text: str, said: str) -> None:
    with pytest.raises(BadData, match=said):
        read_raw({**RAW, name: text})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (".inter", "user_id:token\titem_id:token\n1\t2\n", r"\.inter: no column rating, timestamp; expected user_id"),
        (".item", "", r"\.item: no column item_id"),
        (".user", ATOMIC[".user"] + "3\t20\n", r"\.user, line 4: 2 cells; expected at least 5"),
    ],
)
def test_an_unknown_atomic_layout_is_refused(name: str, text: str, said: str) -> None:
    with pytest.raises(BadData, match=said):
        read_atomic({**ATOMIC, name: text})
