"""The lease: one holder, renewed, passed on, fenced."""

import threading
import time
from collections.abc import Callable

import pytest

from plait.errors import BadData
from plait.store import Store
from plait.store import lease as lease_module
from plait.store.heartbeat import heartbeat
from plait.store.holder import this_process
from plait.store.lease import Lease, holds, release, renew, take
from tests.plait.store.samples import event

SOMEONE = "elsewhere 1"
"""A holder of whom nobody can say that it is gone."""


def take_at(store: Store, now: float, *, owner: str = SOMEONE, seconds: float = 10.0) -> Lease | None:
    with store._database.writing() as connection:
        return take(connection, "work", owner=owner, seconds=seconds, now=now)


def test_one_holder_at_a_time(store: Store, opened: Callable[[], Store]) -> None:
    other = opened()
    with store.lease("work") as first:
        assert first is not None
        assert first.owner == this_process()
        with other.lease("work") as second, store.lease("work") as third:
            assert second is None
            assert third is None
        with other.lease("different") as fourth:
            assert fourth is not None
    with other.lease("work") as fifth:
        assert fifth is not None
        assert fifth.token == first.token + 1


def test_an_exception_gives_the_lease_back(store: Store) -> None:
    with pytest.raises(KeyError), store.lease("work"):
        raise KeyError
    with store.lease("work") as lease:
        assert lease is not None


def test_one_of_many_threads_gets_it(store: Store) -> None:
    got: list[int] = []
    barrier, done = threading.Barrier(8), threading.Event()

    def work() -> None:
        barrier.wait()
        with store.lease("work") as lease:
            if lease is not None:
                got.append(lease.token)
                done.wait()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    while sum(thread.is_alive() for thread in threads) > 1:
        time.sleep(0.01)
    done.set()
    for thread in threads:
        thread.join()
    assert got == [1]


def test_it_expires(store: Store) -> None:
    first = take_at(store, now=100.0)
    assert first == Lease("work", SOMEONE, 1)
    assert take_at(store, now=109.9, owner="other 2") is None
    second = take_at(store, now=110.0, owner="other 2")
    assert second == Lease("work", "other 2", 2)
    with store._database.writing() as connection:
        assert not renew(connection, first, seconds=10.0, now=111.0)
        assert renew(connection, second, seconds=10.0, now=119.0)
        assert not holds(connection, first)
        release(connection, first)
        assert holds(connection, second)
    assert take_at(store, now=128.0) is None
    assert take_at(store, now=130.0) is not None


def test_a_late_holder_that_nobody_followed_goes_on(store: Store) -> None:
    lease = take_at(store, now=100.0)
    assert lease is not None
    with store._database.writing() as connection:
        assert holds(connection, lease)
        assert renew(connection, lease, seconds=10.0, now=500.0)
    assert take_at(store, now=501.0) is None


def test_it_passes_from_a_process_that_is_gone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert take_at(store, now=100.0) is not None
    monkeypatch.setattr(lease_module, "is_gone", lambda owner: owner == SOMEONE)
    assert take_at(store, now=100.0, owner="other 2") == Lease("work", "other 2", 2)
    assert take_at(store, now=100.0) is None


def test_the_fence_stops_a_holder_that_lost(store: Store, opened: Callable[[], Store]) -> None:
    with store.lease("work", seconds=1_000.0) as lease:
        assert lease is not None
        with store.fence(lease):
            pass
        assert take_at(store, now=time.time() + 2_000.0) is not None
        with pytest.raises(BadData, match="the lease 'work' was lost to another process"), store.fence(lease):
            pytest.fail("published without the lease")
    # Leaving the block has not taken the lease from the other.
    with opened().lease("work") as third:
        assert third is None


def test_nobody_takes_over_inside_the_fence(store: Store, opened: Callable[[], Store]) -> None:
    order: list[str] = []
    other = opened()

    def taker() -> None:
        take_at(other, now=time.time() + 2_000.0)
        order.append("taken")

    with store.lease("work") as lease:
        assert lease is not None
        thread = threading.Thread(target=taker)
        with store.fence(lease):
            thread.start()
            time.sleep(0.2)
            order.append("published")
        thread.join()
    assert order == ["published", "taken"]


def test_it_is_renewed_while_the_block_runs(store: Store, opened: Callable[[], Store]) -> None:
    other = opened()
    # Longer than a busy machine may keep the renewing thread waiting, and more than a term in all.
    with store.lease("work", seconds=9.0) as lease:
        assert lease is not None
        until = time.monotonic() + 10.0
        while time.monotonic() < until:
            with other.lease("work") as second:
                assert second is None
            time.sleep(0.05)


def test_a_long_write_renews_it_at_its_end(store: Store, opened: Callable[[], Store]) -> None:
    other, taken = opened(), []

    def taker() -> None:
        with other.lease("work") as lease:
            taken.append(lease)

    with store.lease("work", seconds=2.0) as lease:
        thread = threading.Thread(target=taker)
        with store.write() as change:
            thread.start()
            time.sleep(2.5)
            change.record([event(1)])
        thread.join()
        assert lease is not None
        with store.fence(lease):
            pass
    assert taken == [None]


def test_a_heartbeat_ends_when_the_lease_is_lost() -> None:
    beats, beaten = [], threading.Event()

    def lost() -> bool:
        beats.append(1)
        beaten.set()
        return False

    with heartbeat(lost, seconds=0.03):
        assert beaten.wait(60)
        time.sleep(0.1)
    assert len(beats) == 1


def test_a_heartbeat_outlives_a_full_disk() -> None:
    beats, enough = [], threading.Event()

    def renew_late() -> bool:
        beats.append(1)
        if len(beats) < 3:
            raise BadData("the disk is full")
        if len(beats) > 3:
            enough.set()
        return True

    with heartbeat(renew_late, seconds=0.03):
        assert enough.wait(60)
    assert not [thread for thread in threading.enumerate() if thread.name == "lease"]
