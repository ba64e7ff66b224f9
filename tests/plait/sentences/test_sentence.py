"""Sentences say what the parts say, in both languages, and nothing else."""

import re
from dataclasses import replace
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.ranking import RankedItem, Reason
from plait.sentences.carrying import carrying
from plait.sentences.sentence import LONGEST, MUCH, SAME, WANTED, Known, sentence, shown, told
from plait.sentences.templates import BETWEEN_NAMES, TEMPLATES, Language, Told

PARTS = ("cf", "items", "sequence", "taste", "content", "cold", "popularity", "friends", "boost", "bias")
OF_PART = {
    "cf": {Told.TASTE},
    "items": {Told.TOGETHER},
    "sequence": {Told.SEQUENCE},
    "taste": {Told.KNOWN, Told.START},
    "cold": {Told.NEW},
    "popularity": {Told.POPULAR},
    "friends": {Told.FRIENDS, Told.NAMED_FRIENDS},
    "boost": {Told.FEATURED},
    "bias": {Told.NOTHING},
    "content": {
        Told.LIKED, Told.BOUGHT, Told.SAVED, Told.SHARED, Told.LOOKED_AT, Told.CHOSEN, Told.ALIKE, Told.SEARCHED,
        Told.DESCRIBED, Told.NOTHING,
    },
    "": {Told.NOTHING},
}  # fmt: skip
EVENTS = ("like", "purchase", "save", "share", "view", "click", "cart", "listen")
values = st.floats(-4, 4, allow_nan=False)
parts = st.fixed_dictionaries(dict.fromkeys(PARTS, values))
titles = st.text(max_size=200)


def item(
    parts: dict[str, float], *, because: tuple[Reason, ...] = (), pair: dict[str, float] | None = None
) -> RankedItem:
    return RankedItem(1, "i-1", 0.5, "One", parts, because, pair or {})


REACHED = {
    Told.LIKED: (item({"content": 1.0}, because=(Reason("x", 0.6),)), Known(done={"x": "like"})),
    Told.BOUGHT: (item({"content": 1.0}, because=(Reason("x", 0.6),)), Known(done={"x": "purchase"})),
    Told.SAVED: (item({"content": 1.0}, because=(Reason("x", 0.6),)), Known(done={"x": "save"})),
    Told.SHARED: (item({"content": 1.0}, because=(Reason("x", 0.6),)), Known(done={"x": "share"})),
    Told.LOOKED_AT: (item({"content": 1.0}, because=(Reason("x", 0.6),)), Known(done={"x": "click"})),
    Told.CHOSEN: (item({"content": 1.0}, because=(Reason("x", 0.6),)), Known(done={"x": "listen"})),
    Told.ALIKE: (item({"content": 1.0}, because=(Reason("x", 0.1),)), Known(done={"x": "like"})),
    Told.SEARCHED: (item({"content": 1.0}), Known(searched="linen", searched_share=0.7)),
    Told.DESCRIBED: (item({"content": 1.0}), Known(described=True)),
    Told.TASTE: (item({"cf": 1.0}), Known()),
    Told.TOGETHER: (item({"items": 1.0}), Known()),
    Told.SEQUENCE: (item({"sequence": 1.0}), Known()),
    Told.KNOWN: (item({"taste": 1.0}), Known()),
    Told.START: (item({"taste": 1.0}), Known(has_taste=False)),
    Told.NEW: (item({"cold": 1.0}), Known()),
    Told.POPULAR: (item({"popularity": 1.0}), Known()),
    Told.FRIENDS: (item({"friends": 1.0}), Known()),
    Told.NAMED_FRIENDS: (item({"friends": 1.0}), Known(friends={"i-1": ("Ann", "Bo", "Cy")})),
    Told.FEATURED: (item({"boost": 1.0}), Known()),
    Told.WORDS: (item({"text": 1.0}), Known()),
    Told.PICTURE: (item({"image": 1.0}), Known()),
    Told.SOUND: (item({"audio": 1.0}), Known()),
    Told.NAMED: (item({"lexical": 1.0}), Known()),
    Told.PERSONAL: (item({"user": 1.0}), Known()),
    Told.SAME_WORDS: (item({"text": 1.0}), Known(about="Two")),
    Told.SAME_PICTURE: (item({"image": 1.0}), Known(about="Two")),
    Told.SAME_SOUND: (item({"audio": 1.0}), Known(about="Two")),
    Told.BOUGHT_TOGETHER: (
        item({"counted": 2.0, "chance": -1.0}, pair={"support": 12, "lift": 3.0}),
        Known(about="Two", pair_told=Told.BOUGHT_TOGETHER),
    ),
    Told.CHOSEN_TOGETHER: (
        item({"counted": 2.0, "chance": -1.0}, pair={"support": 12, "lift": 3.0}),
        Known(about="Two", pair_told=Told.CHOSEN_TOGETHER),
    ),
    Told.NEXT: (item({"counted": 2.0}, pair={"support": 12}), Known(about="Two", pair_told=Told.NEXT)),
    Told.NOTHING: (item({"cf": -1.0}), Known()),
}


@pytest.mark.parametrize("about", Told)
def test_everything_that_can_be_told_is_told_of_some_item(about: Told) -> None:
    assert told(*REACHED[about]) is about


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("about", Told)
def test_every_template_is_filled(about: Told, language: Language) -> None:
    said = sentence(*REACHED[about], language)
    assert said
    assert not re.search(r"[{}]|“”|  |: \.", said)
    assert said.endswith("." if language is Language.ENGLISH else "。")
    assert about not in (Told.BOUGHT_TOGETHER, Told.CHOSEN_TOGETHER, Told.NEXT) or "12" in said
    fields = {name for _, name, _, _ in Formatter().parse(TEMPLATES[Language.ENGLISH][about]) if name}
    assert fields == {name for _, name, _, _ in Formatter().parse(TEMPLATES[language][about]) if name}


@pytest.mark.parametrize("language", Language)
def test_each_template_says_something_of_its_own(language: Language) -> None:
    assert set(TEMPLATES[language]) == set(Told)
    assert len(set(TEMPLATES[language].values())) == len(Told)
    assert language in BETWEEN_NAMES


def test_chinese_is_chinese_with_its_own_punctuation() -> None:
    for template in TEMPLATES[Language.CHINESE].values():
        assert not re.search(r"[A-Za-z,.:;!?\"']", re.sub(r"{\w+}", "", template))


@given(parts, parts, st.lists(st.floats(0, 1), max_size=2), st.sampled_from(EVENTS), st.booleans())
def test_nothing_is_said_of_a_part_that_does_not_carry(
    mine: dict[str, float], usual: dict[str, float], shares: list[float], event: str, has_taste: bool
) -> None:
    because = tuple(Reason(f"x-{place}", share) for place, share in enumerate(sorted(shares, reverse=True)))
    known = Known(usual, done={"x-0": event}, has_taste=has_taste)
    about = told(item(mine, because=because), known)
    assert about in OF_PART[carrying(mine, usual)]
    if about is Told.LIKED:
        assert event == "like"
        assert because[0].attention >= MUCH
    if about is Told.BOUGHT:
        assert event == "purchase"


@given(titles, st.sampled_from(Language))
def test_a_title_is_whole_or_shortened_and_stays_between_its_quotes(title: str, language: Language) -> None:
    known = Known(done={"x": "like"}, titles={"x": title})
    said = sentence(item({"content": 1.0}, because=(Reason("x", 1.0),)), known, language)
    assert said.count("“") == said.count("”") == 1
    assert "\n" not in said
    assert len(said) <= len(TEMPLATES[language][Told.LIKED]) + LONGEST
    assert f"“{shown(title) if title.strip() else 'x'}”" in said


def test_a_title_with_braces_and_quotes_is_read_as_text() -> None:
    known = Known(done={"x": "like"}, titles={"x": 'The {title} of\n “{count}” and "more"'})
    said = sentence(item({"content": 1.0}, because=(Reason("x", 1.0),)), known, Language.ENGLISH)
    assert said == "Because you liked “The {title} of ‘{count}’ and 'more'”: this is like it."


def test_a_reason_that_is_liked_no_more_is_not_named() -> None:
    liked, known = REACHED[Told.LIKED]
    assert told(liked, replace(known, done={})) is Told.ALIKE


def test_a_reason_counts_less_where_searches_share_the_profile() -> None:
    liked, known = REACHED[Told.LIKED]
    assert told(replace(liked, because=(Reason("x", 0.4),)), known) is Told.LIKED
    assert told(replace(liked, because=(Reason("x", 0.4),)), replace(known, searched_share=0.45)) is Told.ALIKE
    assert told(liked, replace(known, searched_share=0.7)) is Told.NOTHING


def test_only_two_friends_are_named() -> None:
    said = [sentence(*REACHED[Told.NAMED_FRIENDS], language) for language in Language]
    assert said == ["Liked by people you know: Ann, Bo.", "您认识的Ann、Bo喜欢这一款。"]


def test_what_is_popular_with_those_who_search_is_not_called_their_taste() -> None:
    found, known = REACHED[Told.PERSONAL]
    assert told(found, replace(known, has_taste=False)) is Told.NOTHING


def test_strands_are_told_of_in_both_kinds_of_answer() -> None:
    assert set(WANTED) == set(SAME) == {"text", "image", "audio"}
