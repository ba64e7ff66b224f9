"""Items: added, changed, removed, read back."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from embedders.items import Item
from plait.store import ItemCounts, Store, StoredItem
from plait.store.chunks import CHUNK
from tests.plait.store.samples import event, full_item, stored


def ids_of(store: Store, *, after: int = 0, include_removed: bool = False) -> list[str]:
    return [found.item.item_id for found in store.items(after=after, include_removed=include_removed)]


def test_every_field_survives(store: Store, opened: Callable[[], Store]) -> None:
    given = [full_item(), StoredItem(Item("NA")), StoredItem(Item("None", created_at=-0.5)), StoredItem(Item(" a "))]
    with store.write() as change:
        assert change.upsert_items(given) == ItemCounts(added=4)
    again = opened()
    expected = [replace(one, sequence=number) for number, one in enumerate(given, start=1)]
    assert list(again.items()) == expected
    assert again.items_by_id(["NA", "007", "missing"]) == {"007": expected[0], "NA": expected[1]}


def test_counts_and_numbers_of_an_upsert(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored("a", "A"), stored("b", "B"), stored("c", "C")])
    with store.write() as change:
        counts = change.upsert_items([stored("a", "A"), stored("b", "changed"), stored("d", "D")])
    assert counts == ItemCounts(added=1, updated=1, unchanged=1)
    assert [(found.item.item_id, found.sequence) for found in store.items()] == [("a", 1), ("c", 3), ("b", 4), ("d", 5)]
    assert store.sequence() == 5
    assert ids_of(store, after=3) == ["b", "d"]


@pytest.mark.parametrize(
    "changed",
    [
        Item("a", title="other"), Item("a", description="d"), Item("a", image="/i.png"), Item("a", audio="/a.ogg"),
        Item("a", categories=("c",)), Item("a", created_at=0.0), Item("a", attributes={"year": 1.0}),
    ],
)  # fmt: skip
def test_a_change_of_any_field_is_a_change(store: Store, changed: Item) -> None:
    with store.write() as change:
        change.upsert_items([StoredItem(Item("a"))])
        assert change.upsert_items([StoredItem(changed)]) == ItemCounts(updated=1)
        assert change.upsert_items([StoredItem(changed)]) == ItemCounts(unchanged=1)
    assert [found.item for found in store.items()] == [changed]


def test_the_order_of_attributes_is_no_change(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored("a", year=1.0, colour="red")])
        assert change.upsert_items([stored("a", colour="red", year=1.0)]) == ItemCounts(unchanged=1)


def test_a_changed_hash_alone_is_a_change(store: Store) -> None:
    one = stored("a", "A")
    with store.write() as change:
        change.upsert_items([one])
        assert change.upsert_items([replace(one, hashes={})]) == ItemCounts(updated=1)


def test_a_stream_longer_than_a_chunk(store: Store) -> None:
    count = 2 * CHUNK + 7
    with store.write() as change:
        assert change.upsert_items(stored(f"i{n}", str(n)) for n in range(count)) == ItemCounts(added=count)
    with store.write() as change:
        odd = (stored(f"i{n}", str(n if n % 2 else -n)) for n in range(count))
        assert change.upsert_items(odd) == ItemCounts(updated=count // 2, unchanged=count - count // 2)
    assert store.item_count() == count
    numbers = [found.sequence for found in store.items()]
    assert numbers == sorted(set(numbers))
    assert len(store.items_by_id([f"i{n}" for n in range(count)])) == count
    assert len(store.titles([f"i{n}" for n in range(count)])) == count


def test_of_one_id_twice_the_last_stands(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored("a", "first"), stored("b", "B"), stored("a", "last")])
    assert store.titles(["a", "b"]) == {"a": "last", "b": "B"}


def test_a_removed_item_leaves_a_tombstone(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([full_item(), stored("b", "B")])
        change.record([event(1, item_id="007")])
        assert change.remove_items(["007", "missing", "007"]) == 1
        assert change.remove_items(["007"]) == 0
    assert ids_of(store) == ["b"]
    assert list(store.items(after=3, include_removed=True)) == [StoredItem(Item("007"), sequence=4, removed=True)]
    assert store.items_by_id(["007"]) == {}
    assert store.titles(["007", "b"]) == {"b": "B"}
    assert store.item_ids() == ["b"]
    assert store.item_ids(include_removed=True) == ["007", "b"]
    assert store.item_count() == 1
    assert store.known_items(["007", "b", "missing"]) == {"007", "b"}
    assert [one.item_id for one in store.recent_interactions(["user"], 9)["user"]] == ["007"]


def test_a_removed_item_comes_back_as_added(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored("a", "A")])
        change.remove_items(["a"])
        assert change.upsert_items([stored("a", "A")]) == ItemCounts(added=1)
    assert ids_of(store) == ["a"]
    assert store.sequence() == 3


def test_many_removals(store: Store) -> None:
    names = [f"i{n}" for n in range(CHUNK + 3)]
    with store.write() as change:
        change.upsert_items([stored(name) for name in names])
        assert change.remove_items(names[1:]) == len(names) - 1
    assert store.item_ids() == ["i0"]


def test_item_ids_are_sorted(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored(name) for name in ("b", "10", "a", "9", "é")])
    assert store.item_ids() == ["10", "9", "a", "b", "é"]


def test_a_read_sees_one_moment(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored(f"i{n}", "old") for n in range(2_500)])
    reading = store.items()
    first = next(reading)
    with store.write() as change:
        change.upsert_items([stored(f"i{n}", "new") for n in range(2_500)])
        change.remove_items(["i2400"])
    seen = [first, *reading]
    assert len(seen) == 2_500
    assert {found.item.title for found in seen} == {"old"}


def test_a_read_may_be_left_in_the_middle(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored(f"i{n}") for n in range(3_000)])
    for _ in range(30):
        next(store.items())
    with store.write() as change:
        change.upsert_items([stored("more")])
    assert store.item_count() == 3_001


def test_attribute_types(store: Store) -> None:
    with store.write() as change:
        change.set_attribute_types({"year": "number", "colour": "category"})
        change.set_attribute_types({"colour": "values"})
        change.set_attribute_types({})
    assert store.attribute_types() == {"year": "number", "colour": "values"}
