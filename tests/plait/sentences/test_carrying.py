"""Which part carries an item, beside a loop over all of them."""

from hypothesis import given
from hypothesis import strategies as st

from plait.sentences.carrying import NOTICEABLE, SUBSTANTIAL, carrying, usual_parts

NAMES = ("cf", "items", "content", "popularity", "bias")
# Eighths: sums and differences of them are exact.
VALUES = st.integers(-40, 40).map(lambda eighths: eighths / 8)
PARTS = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES))


def test_it_is_not_the_largest_part_that_carries_but_the_one_beyond_the_usual() -> None:
    assert carrying({"popularity": 3.0, "content": 1.0}, {"popularity": 2.9, "content": 0.2}) == "content"


def test_a_part_that_speaks_against_all_items_carries_the_one_it_speaks_least_against() -> None:
    assert carrying({"sequence": -1.0, "content": 0.1}, {"sequence": -3.0, "content": 0.1}) == "sequence"


def test_a_part_of_nothing_does_not_carry_where_others_have_less() -> None:
    assert carrying({"cf": 0.0, "cold": 0.0}, {"cf": -1.0, "cold": 0.0}) == ""


def test_no_part_carries_where_many_give_a_little_each() -> None:
    assert carrying(dict.fromkeys("abcd", 0.5), {}) == ""


def test_no_part_carries_an_item_that_is_as_all_others_are() -> None:
    assert carrying({"cf": 1.0, "bias": -4.0}, {"cf": 1.0, "bias": -4.0}) == ""
    assert carrying({}, {}) == ""


def test_what_is_usual_is_the_mean_and_a_lacking_part_is_nothing() -> None:
    assert usual_parts([{"cf": 1.0, "boost": 3.0}, {"cf": 2.0}]) == {"cf": 1.5, "boost": 1.5}
    assert usual_parts([]) == {}


@given(PARTS, PARTS)
def test_what_carries_is_ahead_of_every_other_part(parts: dict[str, float], usual: dict[str, float]) -> None:
    found = carrying(parts, usual)
    best, best_name, ahead = -100.0, "", 0.0
    for name in parts:
        beyond = parts[name] - usual[name]
        ahead += max(beyond, 0.0)
        if beyond > best:
            best, best_name = beyond, name
    carries = best >= SUBSTANTIAL * ahead and best >= NOTICEABLE and parts[best_name] != 0
    assert found == (best_name if carries else "")


@given(PARTS, PARTS, VALUES)
def test_what_all_items_get_more_of_changes_nothing(
    parts: dict[str, float], usual: dict[str, float], more: float
) -> None:
    shifted = {**parts, "bias": parts["bias"] + more}
    if parts["bias"] and shifted["bias"]:
        assert carrying(shifted, {**usual, "bias": usual["bias"] + more}) == carrying(parts, usual)
