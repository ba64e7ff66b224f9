"""Interactions: defaults, what each event needs, and what is refused."""

from typing import Any

import pytest

from plait.catalog import Read, ignored_columns, read_interactions
from plait.config import Events
from plait.errors import BadData
from plait.event_weights import event_types
from plait.records import Event
from plait.tables import open_table

TYPES = event_types(Events(weights={"listen": 0.5}))
GOOD = {"user_id": "u", "item_id": "007", "timestamp": "100"}


def read(*records: dict[str, Any], now: float | None = None) -> list[Read[Event]]:
    rows = open_table(list(records), "log")
    return list(read_interactions(rows, event_types=TYPES, known_items={"007", "NA"}, now=now))


def events(*records: dict[str, Any], now: float | None = None) -> list[Event]:
    found = read(*records, now=now)
    assert [row.error for row in found if row.error] == []
    return [row.value for row in found if row.value is not None]


def test_a_whole_row() -> None:
    record = {
        "user_id": "None", "item_id": "NA", "timestamp": "1970-01-01T00:01", "event": "view", "value": "12.5",
        "event_id": "e1", "session_id": "s1", "recommendation_id": "r1", "query": "q", "other": "ignored",
    }  # fmt: skip
    assert events(record) == [Event("None", "NA", 60.0, "view", 12.5, "e1", "s1", "r1", "q")]


def test_a_click_is_the_default() -> None:
    assert events(GOOD, {**GOOD, "event": ""}) == [Event("u", "007", 100.0, "click")] * 2


def test_a_rating_alone_is_a_rating() -> None:
    assert events({**GOOD, "rating": "4"}) == [Event("u", "007", 100.0, "rating", 4.0)]


def test_ratings_beside_other_events() -> None:
    one, two, three, four = events(
        {**GOOD, "rating": 4, "event": "rating"},
        {**GOOD, "rating": None, "event": "like"},
        {**GOOD, "rating": 2, "event": ""},
        {**GOOD, "rating": "", "event": ""},
    )
    assert (one.event, one.value) == ("rating", 4.0)
    assert (two.event, two.value) == ("like", None)
    assert (three.event, three.value) == ("rating", 2.0)
    assert (four.event, four.value) == ("click", None)


def test_a_rating_of_another_event_is_not_its_value() -> None:
    assert events({**GOOD, "rating": 4, "event": "view"})[0].value is None


def test_own_event_types() -> None:
    assert events({**GOOD, "event": "listen"})[0].event == "listen"


def test_a_search_needs_words_and_no_item() -> None:
    assert events({"user_id": "u", "timestamp": 5, "event": "search", "query": "bread"}) == [
        Event("u", "", 5.0, "search", query="bread")
    ]
    (row,) = read({"user_id": "u", "timestamp": 5, "event": "search"})
    assert str(row.error) == "log, row 1, column query: empty"
    (row,) = read({"user_id": "u", "timestamp": 5, "event": "click", "query": "bread"})
    assert str(row.error) == "log, row 1, column item_id: empty"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"user_id": ""}, "column user_id: empty"),
        ({"item_id": None}, "column item_id: empty"),
        ({"item_id": "7"}, "column item_id: '7' is no item of the store"),
        ({"timestamp": ""}, "column timestamp: empty"),
        ({"timestamp": "never"}, "column timestamp: 'never' is no time; expected Unix seconds or ISO 8601"),
        ({"timestamp": float("nan")}, "column timestamp: empty"),
        ({"timestamp": "nan"}, "column timestamp: 'nan' is no time"),
        ({"timestamp": float("inf")}, "column timestamp: 'inf' is no time"),
        (
            {"timestamp": 1_700_000_000_000},
            "column timestamp: '1700000000000' is no time in Unix seconds (milliseconds?)",
        ),
        ({"value": "much"}, "column value: 'much' is no number"),
        ({"value": "nan"}, "column value: 'nan' is no number"),
        ({"value": "1e999"}, "column value: '1e999' is no number"),
        ({"event": "rating"}, "column value: empty; a rating needs a value"),
        (
            {"event": "Click"},
            "column event: 'Click' is neither built in nor declared in plait.toml; known are cart, click,",
        ),
        ({"event": "teleport"}, "listen"),
    ],
)
def test_bad_rows(change: dict[str, Any], message: str) -> None:
    good, bad = read({"event": "click", "value": "1", **GOOD}, {**GOOD, **change})
    assert good.error is None
    assert bad.value is None
    assert message in str(bad.error)
    assert str(bad.error).startswith("log, row 2, column ")


def test_a_rating_that_is_missing_is_named_by_its_column() -> None:
    one, two = read({**GOOD, "rating": ""}, {**GOOD, "rating": "five"})
    assert str(one.error) == "log, row 1, column rating: empty; a rating needs a value"
    assert str(two.error) == "log, row 2, column rating: 'five' is no number"


def test_now_is_the_time_of_a_table_without_times() -> None:
    record = {"user_id": "u", "item_id": "007"}
    assert events(record, now=7.0)[0].timestamp == 7.0
    with pytest.raises(BadData, match="log: no column timestamp"):
        read(record)
    row = read({**record, "timestamp": ""}, now=7.0)[0]
    assert row.error is not None


@pytest.mark.parametrize("missing", ["user_id", "item_id", "timestamp"])
def test_missing_columns(missing: str) -> None:
    with pytest.raises(BadData, match=f"log: no column {missing}"):
        read({name: value for name, value in GOOD.items() if name != missing})


def test_columns_nothing_reads() -> None:
    rows = open_table([{**GOOD, "device": "phone", "event": "click", "place": "top"}], "log")
    assert ignored_columns(rows) == ("device", "place")


def test_equal_rows_are_one_event_and_ids_make_them_two() -> None:
    one, two, three = events(GOOD, GOOD, {**GOOD, "event_id": "e"})
    assert one.identity == two.identity != three.identity
