"""GroupCommit: threads share transactions, each learns of its own batch alone, and nothing is lost or doubled."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from plait.records import Event
from plait.store import Change, EventCounts, Store
from plait.store.group_commit import GroupCommit
from tests.plait.store.samples import event

WRONG = Event("\ud800", "i", 1.0)
"""What no database can hold: half a character."""


def recorded_at_once(store: Store, batches: list[list[Event]]) -> tuple[list[EventCounts | Exception], int]:
    """Record batches that wait while the first is written; return what came of each, and how many transactions."""
    begun, queued = threading.Event(), threading.Event()
    transactions = 0

    @contextmanager
    def write() -> Iterator[Change]:
        nonlocal transactions
        transactions += 1
        begun.set()
        assert queued.wait(60)
        with store.write() as change:
            yield change

    group = GroupCommit(write)
    results: list[EventCounts | Exception] = [EventCounts()] * len(batches)

    def work(place: int) -> None:
        try:
            results[place] = group.record(batches[place])
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(batches))]
    threads[0].start()
    assert begun.wait(60)
    for thread in threads[1:]:
        thread.start()
    while len(group._waiting) < len(batches) - 1:
        threading.Event().wait(0.001)
    queued.set()
    for thread in threads:
        thread.join()
    return results, transactions


def names(store: Store) -> Counter[str]:
    return Counter(one.event_id for batch in store.events() for one in batch)


def test_those_that_wait_share_one_transaction(store: Store) -> None:
    batches = [[event(10 * place + n) for n in range(3)] for place in range(6)]
    results, transactions = recorded_at_once(store, batches)
    assert results == [EventCounts(3)] * 6
    assert transactions == 2
    assert names(store) == Counter(one.event_id for batch in batches for one in batch)


def test_a_batch_that_cannot_be_written_fails_alone_and_whole(store: Store) -> None:
    batches = [[event(1)], [event(2), WRONG], [event(3), event(1)], [event(4)]]
    results, _ = recorded_at_once(store, batches)
    assert isinstance(results[1], Exception)
    assert [results[0], results[2], results[3]] == [EventCounts(1), EventCounts(1, 1), EventCounts(1)]
    assert names(store) == Counter(one.event_id for one in (event(1), event(3), event(4)))
    assert store.sequence() == 3


def test_one_batch_in_many_threads_counts_once(store: Store) -> None:
    batch = [event(n) for n in range(5)]
    results, _ = recorded_at_once(store, [batch] * 8)
    counts = [one for one in results if isinstance(one, EventCounts)]
    assert (sum(one.accepted for one in counts), sum(one.duplicates for one in counts)) == (5, 35)
    assert len(names(store)) == 5


def test_who_is_interrupted_leaves_the_batches_of_others_to_them(store: Store) -> None:
    class Interrupted(BaseException):
        pass

    fail = iter([True])

    @contextmanager
    def write() -> Iterator[Change]:
        with store.write() as change:
            yield change
            if next(fail, False):
                raise Interrupted

    group = GroupCommit(write)
    with pytest.raises(Interrupted):
        group.record([event(1)])
    assert names(store) == Counter()
    assert group.record([event(2)]).accepted == 1
    assert names(store)[event(2).event_id] == 1


def test_it_is_durable_when_it_returns(opened: Callable[[], Store]) -> None:
    opened().record([event(1)])
    assert names(opened()) == Counter([event(1).event_id])
