"""Writing: all or nothing, one number a change, one writer at a time."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import ResourceClosedError

from plait.errors import BadData
from plait.records import Exposure, Relation, User
from plait.store import Store, StoredItem
from tests.plait.store.samples import event, interaction, stored


class Trouble(Exception):
    """What a test raises in the middle."""


def write_and_fail(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored("c"), stored("b1", "changed")])
        change.remove_items(["b1"])
        change.record([event(2)])
        change.upsert_users([User("w")])
        change.set_meta({"key": "2"})
        change.set_attribute_types({"year": "2"})
        raise Trouble


def write_everything(store: Store, number: int) -> None:
    with store.write() as change:
        change.upsert_items([stored(f"a{number}"), stored(f"b{number}")])
        change.remove_items([f"a{number}"])
        change.record([event(number)])
        change.upsert_users([User(f"u{number}")])
        change.upsert_relations([Relation(f"u{number}", "v")])
        change.add_exposures([Exposure(f"r{number}", "u", 1.0, "plain", ("a",), (1.0,))])
        change.set_meta({"key": str(number)})
        change.set_attribute_types({"year": str(number)})


def test_each_change_gets_the_next_number(store: Store) -> None:
    write_everything(store, 1)
    assert store.sequence() == 7
    write_everything(store, 2)
    assert store.sequence() == 14
    assert [found.sequence for found in store.items(include_removed=True)] == [2, 3, 9, 10]
    assert store.event_columns().sequences.tolist() == [4, 11]


def test_nothing_of_a_block_that_raises(store: Store) -> None:
    write_everything(store, 1)
    before = (store.counts(), store.sequence(), store.meta("key"), store.attribute_types(), list(store.items()))
    with pytest.raises(Trouble):
        write_and_fail(store)
    after = (store.counts(), store.sequence(), store.meta("key"), store.attribute_types(), list(store.items()))
    assert after == before
    write_everything(store, 2)
    assert store.sequence() == 14


def test_nothing_when_the_stream_breaks(store: Store) -> None:
    def broken() -> Iterator[StoredItem]:
        yield from (stored(f"i{n}") for n in range(700))
        raise Trouble

    with pytest.raises(Trouble), store.write() as change:
        change.upsert_items(broken())
    assert store.item_count() == 0
    assert store.sequence() == 0


def test_a_change_ends_with_its_block(store: Store) -> None:
    with store.write() as change:
        pass
    with pytest.raises(ResourceClosedError):
        change.record([event(1)])
    assert store.counts()["events"] == 0


def test_an_empty_block_changes_nothing(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([])
        change.remove_items([])
        change.record([])
        change.upsert_users([])
        change.upsert_relations([])
    assert store.sequence() == 0


def test_others_see_a_block_when_it_has_ended(store: Store, opened: Callable[[], Store]) -> None:
    other = opened()
    with store.write() as change:
        change.upsert_items([stored("a")])
        change.record([event(1)])
        assert (other.sequence(), other.item_count(), other.recent_interactions(["user"], 5)) == (0, 0, {"user": []})
        assert (store.sequence(), store.item_count()) == (0, 0)
    for one in (store, other):
        assert (one.sequence(), one.item_count()) == (2, 1)
        assert one.recent_interactions(["user"], 5) == {"user": [interaction(event(1))]}


def test_a_stream_may_read_the_store_it_is_written_to(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored(f"i{n}", str(n)) for n in range(1_200)])
    with store.write() as change:
        counts = change.upsert_items(stored(found.item.item_id, "new") for found in store.items())
    assert counts.updated == 1_200


def test_many_threads_write_and_read(store: Store, opened: Callable[[], Store]) -> None:
    stores = [store, opened()]
    rounds, workers = 15, 6
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        mine = stores[worker % 2]
        try:
            for round_number in range(rounds):
                with mine.write() as change:
                    change.record([event(worker * 100 + round_number, user_id=f"u{worker}")])
                assert len(mine.recent_interactions([f"u{worker}"], 99)[f"u{worker}"]) == round_number + 1
                assert mine.sequence() >= round_number + 1
                assert len(mine.event_columns()) <= rounds * workers
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.sequence() == rounds * workers
    assert store.event_columns().sequences.tolist() == list(range(1, rounds * workers + 1))


def test_more_readers_at_once_than_any_pool_holds(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored(f"i{n}") for n in range(5)])
    readers = [store.items() for _ in range(40)]
    assert {next(reader).item.item_id for reader in readers} == {"i0"}
    assert all(len(list(reader)) == 4 for reader in readers)


def test_a_closed_store_opens_again_when_used(store: Store) -> None:
    with store as entered:
        assert entered is store
        write_everything(store, 1)
    assert store.sequence() == 7
    write_everything(store, 2)
    assert store.sequence() == 14


@pytest.mark.parametrize("text", ["\ud800", "broken \udcff byte"])
def test_text_that_is_no_unicode_is_refused_whole(store: Store, text: str) -> None:
    with pytest.raises(BadData, match="is not Unicode text; nothing was stored"), store.write() as change:
        change.record([event(1), event(2, user_id=text)])
    with pytest.raises(BadData, match="is not Unicode text"), store.write() as change:
        change.upsert_items([stored("a", text)])
    assert store.sequence() == 0
    assert store.counts()["events"] == 0
