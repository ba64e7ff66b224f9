"""Lanes: how many are let in, and what becomes of who waits too long."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from plait.service.lanes import Lane
from plait.service.refusals import Refusal


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("test", threads=1, waiting=2, seconds=60)
    yield lane
    lane.close()


def test_an_answer_and_an_error(lane: Lane) -> None:
    assert asyncio.run(lane.run(lambda: 7)) == 7
    with pytest.raises(ZeroDivisionError):
        asyncio.run(lane.run(lambda: 1 // 0))
    # A place is free a moment after the answer is there.
    lane.close()
    assert lane.inside == 0


def test_who_finds_no_place_is_sent_away(lane: Lane) -> None:
    gate = threading.Event()
    futures = [lane.submit(gate.wait) for _ in range(3)]
    with pytest.raises(Refusal) as caught:
        lane.submit(gate.wait)
    assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "1"})
    gate.set()
    assert [future.result(60) for future in futures] == [True] * 3
    assert lane.submit(lambda: "free again").result(60) == "free again"


def test_what_takes_too_long_goes_on(lane: Lane) -> None:
    gate, begun, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        gate.wait(60)
        done.set()

    future = lane.submit(work)
    assert begun.wait(60)
    lane.seconds = 0.05
    with pytest.raises(Refusal) as caught:
        asyncio.run(lane.answer_of(future))
    assert (caught.value.status, caught.value.code) == (504, "too_slow")
    assert lane.inside == 1
    gate.set()
    assert done.wait(60)


def test_what_never_began_is_dropped(lane: Lane) -> None:
    gate, begun = threading.Event(), threading.Event()
    first = lane.submit(lambda: gate.wait(60))
    lane.seconds = 0.05
    with pytest.raises(Refusal) as caught:
        asyncio.run(lane.run(begun.set))
    assert (caught.value.status, caught.value.code) == (503, "timed_out")
    assert "nothing was done" in caught.value.message
    assert lane.inside == 1
    gate.set()
    first.result(60)
    assert lane.submit(begun.is_set).result(60) is False
