"""ItemTable: columns by row, grown from the end without changing what was there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedders.items import AttributeValue, Item
from plait.attributes import AttributeType
from plait.item_table import Column, ItemTable

NUMBER, DATE, CATEGORY, SEVERAL = AttributeType
TYPES = {"year": NUMBER, "seen": DATE, "genre": CATEGORY, "tags": SEVERAL}

VALUES = st.fixed_dictionaries(
    {},
    optional={
        "year": st.sampled_from([1990.0, 1991.5, -1.0]),
        "seen": st.sampled_from([0.0, 86_400.0]),
        "genre": st.sampled_from(["a", "b"]),
        "tags": st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, unique=True).map(tuple),
    },
)
ITEMS = st.lists(
    st.none()
    | st.builds(Item, st.uuids().map(str), categories=st.sampled_from([(), ("c",), ("c", "d")]), attributes=VALUES),
    max_size=12,
)


def value_of(column: Column, row: int) -> AttributeValue | None:
    """Read one value back."""
    if column.kind in (NUMBER, DATE):
        return None if np.isnan(column.numbers[row]) else float(column.numbers[row])
    words = {code: word for word, code in column.vocabulary.items()}
    found = tuple(words[code] for code in column.codes[column.rows == row].tolist())
    return (found or None) if column.kind is SEVERAL else found[0] if found else None


def test_by_hand() -> None:
    items = [
        Item("007", categories=("a", "b"), created_at=5.0, attributes={"year": 1990.0, "genre": "drama"}),
        None,
        Item("NA", attributes={"tags": ("x", "y"), "genre": "drama", "unknown": "passed over"}),
    ]
    table = ItemTable(items, TYPES)
    assert len(table) == 3
    assert set(table.columns) == {"item_id", "categories", "created_at", *TYPES}
    np.testing.assert_array_equal(table.columns["year"].numbers, [1990.0, np.nan, np.nan])
    np.testing.assert_array_equal(table.columns["created_at"].numbers, [5.0, np.nan, np.nan])
    assert table.columns["item_id"].vocabulary == {"007": 0, "NA": 1}
    assert table.columns["item_id"].rows.tolist() == [0, 2]
    assert table.columns["categories"].rows.tolist() == [0, 0]
    assert table.columns["genre"].codes.tolist() == [0, 0]
    assert table.columns["tags"].rows.tolist() == [2, 2]


def test_nothing() -> None:
    table = ItemTable([], TYPES)
    assert len(table) == 0
    assert all(len(column.numbers) == len(column.codes) == 0 for column in table.columns.values())


@given(ITEMS)
def test_every_value_comes_back(items: list[Item | None]) -> None:
    table = ItemTable(iter(items), TYPES)
    assert len(table) == len(items)
    for row, item in enumerate(items):
        for name in TYPES:
            assert value_of(table.columns[name], row) == (item.attributes.get(name) if item else None)
        assert value_of(table.columns["item_id"], row) == (item.item_id if item else None)
        assert value_of(table.columns["categories"], row) == ((item.categories or None) if item else None)


@given(ITEMS, ITEMS, ITEMS)
def test_growing_is_building_at_once(
    first: list[Item | None], second: list[Item | None], third: list[Item | None]
) -> None:
    start = ItemTable(first, TYPES)
    before = {name: column.codes.tolist() for name, column in start.columns.items()}
    words = {name: dict(column.vocabulary) for name, column in start.columns.items()}
    grown = ItemTable(third, TYPES, after=ItemTable(second, TYPES, after=start))
    whole = ItemTable([*first, *second, *third], TYPES)
    assert len(grown) == len(whole)
    for name, column in whole.columns.items():
        np.testing.assert_array_equal(grown.columns[name].numbers, column.numbers)
        np.testing.assert_array_equal(grown.columns[name].rows, column.rows)
        np.testing.assert_array_equal(grown.columns[name].codes, column.codes)
        assert grown.columns[name].vocabulary == column.vocabulary
    assert {name: column.codes.tolist() for name, column in start.columns.items()} == before
    assert {name: column.vocabulary for name, column in start.columns.items()} == words


def test_growing_by_a_new_column_and_keeping_an_old_type() -> None:
    start = ItemTable([Item("a", attributes={"year": 1.0})], {"year": NUMBER})
    new = Item("b", attributes={"mood": "calm", "price": 2.0})
    grown = ItemTable([new], {"mood": CATEGORY, "price": NUMBER}, after=start)
    np.testing.assert_array_equal(grown.columns["price"].numbers, [np.nan, 2.0])
    np.testing.assert_array_equal(grown.columns["year"].numbers, [1.0, np.nan])
    assert grown.columns["mood"].rows.tolist() == [1]
    assert ItemTable([], {"year": CATEGORY}, after=start).columns["year"].kind is NUMBER


def test_own_columns_are_never_attributes() -> None:
    table = ItemTable([Item("a", created_at=1.0)], {"created_at": CATEGORY, "item_id": NUMBER})
    assert table.columns["created_at"].kind is DATE
    assert table.columns["item_id"].kind is CATEGORY


def test_a_value_of_another_type_is_an_error() -> None:
    with pytest.raises(TypeError):
        ItemTable([Item("a", attributes={"year": "old"})], {"year": NUMBER})
