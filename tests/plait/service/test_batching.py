"""Batching: what waits goes together, and nobody has another's answer or another's error."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.service.batching import Batcher
from plait.service.lanes import Lane
from plait.service.refusals import Refusal


class Answerer:
    """Squares numbers, refuses negative ones, and remembers in which batches they came; the first waits for a gate."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[int]]] = []
        self.gate = threading.Event()

    def __call__(self, shared: str, numbers: list[int]) -> list[str]:
        self.batches.append((shared, numbers))
        assert self.gate.wait(60)
        if min(numbers) < 0:
            raise ValueError("negative")
        return [f"{shared}{number**2}" for number in numbers]


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("test", threads=2, waiting=200, seconds=60)
    yield lane
    lane.close()


async def ask_all(
    batcher: "Batcher[str, int, str]", answerer: Answerer, asked: list[tuple[str, int]]
) -> list[str | BaseException]:
    """Ask all at one time, the gate opening when all of them wait."""
    tasks = [asyncio.create_task(batcher.ask(key, key, number)) for key, number in asked]
    await asyncio.sleep(0.05)
    answerer.gate.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_what_came_meanwhile_goes_together(lane: Lane) -> None:
    answerer = Answerer()
    asked = [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5), ("a", 6)]
    answers = asyncio.run(ask_all(Batcher(lane, answerer, most=2), answerer, asked))
    assert answers == ["a1", "a4", "b9", "a16", "b25", "a36"]
    # The first batch may have begun before the others came.
    together = [("a", [1, 2]), ("b", [3, 5]), ("a", [4, 6])]
    assert answerer.batches in (together, [("a", [1]), ("a", [2, 4]), ("b", [3, 5]), ("a", [6])])
    # A place is free a moment after the answer is there.
    lane.close()
    assert lane.inside == 0


def test_one_wrong_question_hurts_nobody_else(lane: Lane) -> None:
    answerer = Answerer()
    asked = [("a", number) for number in (1, 2, -3, 4)]
    answers = asyncio.run(ask_all(Batcher(lane, answerer, most=8), answerer, asked))
    assert isinstance(answers[2], ValueError)
    assert [answers[0], answers[1], answers[3]] == ["a1", "a4", "a16"]


class Panic(BaseException):
    """What an extension module raises that gives up: no Exception."""


def test_whatever_is_raised_the_next_one_is_answered(lane: Lane) -> None:
    def answer(shared: str, numbers: list[int]) -> list[str]:
        if shared == "panic":
            raise Panic
        return [] if shared == "too few" else [f"{shared}{number}" for number in numbers]

    def count(number: int) -> None:
        if number == 3:
            raise OSError("no room for a count")

    async def ask() -> list[str | BaseException]:
        batcher: Batcher[str, int, str] = Batcher(lane, answer, most=8, wait=0.05, counted=count)
        told: list[str | BaseException] = []
        for shared, many in (("panic", 1), ("panic", 2), ("too few", 1), ("uncounted", 3), ("a", 1)):
            asked = (batcher.ask(shared, shared, number) for number in range(many))
            told += await asyncio.gather(*asked, return_exceptions=True)
        return told

    *failed, last = asyncio.run(ask())
    assert [type(error) for error in failed] == [Panic, Panic, Panic, ValueError, OSError, OSError, OSError]
    assert last == "a0"
    lane.close()
    assert lane.inside == 0


def test_switched_off_each_goes_by_itself(lane: Lane) -> None:
    answerer = Answerer()
    asked = [("a", number) for number in range(20)]
    answers = asyncio.run(ask_all(Batcher(lane, answerer, most=1), answerer, asked))
    assert answers == [f"a{number**2}" for number in range(20)]
    assert sorted(numbers for _, numbers in answerer.batches) == [[number] for number in range(20)]


def test_a_batch_waits_for_others() -> None:
    lane, answerer = Lane("test", threads=1, waiting=9, seconds=60), Answerer()
    answerer.gate.set()
    batcher = Batcher(lane, answerer, most=8, wait=3.0)

    async def later() -> list[str]:
        first = asyncio.create_task(batcher.ask("a", "a", 1))
        await asyncio.sleep(0.1)
        return [await batcher.ask("a", "a", 2), await first]

    assert asyncio.run(later()) == ["a4", "a1"]
    assert answerer.batches == [("a", [1, 2])]
    lane.close()


def test_a_full_queue_sends_away() -> None:
    lane, answerer = Lane("test", threads=1, waiting=3, seconds=60), Answerer()
    answers = asyncio.run(ask_all(Batcher(lane, answerer, most=2), answerer, [("a", n) for n in range(9)]))
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [refusal.status for refusal in refused] == [429] * 5
    assert answers[:4] == ["a0", "a1", "a4", "a9"]
    lane.close()


def test_who_gave_up_is_not_answered() -> None:
    lane, answerer = Lane("test", threads=1, waiting=9, seconds=2), Answerer()
    batcher = Batcher(lane, answerer, most=1)

    async def both() -> tuple[str | BaseException, str | BaseException]:
        return await asyncio.gather(batcher.ask("a", "a", 1), batcher.ask("a", "a", 2), return_exceptions=True)

    first, second = asyncio.run(both())
    assert isinstance(first, Refusal)
    assert isinstance(second, Refusal)
    assert (first.status, second.status) == (504, 503)
    answerer.gate.set()
    lane.close()
    assert answerer.batches == [("a", [1])]


@given(
    asked=st.lists(st.tuples(st.sampled_from("abc"), st.integers(-3, 30)), min_size=1, max_size=60),
    most=st.integers(1, 9), threads=st.integers(1, 4),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_each_has_its_own_answer(asked: list[tuple[str, int]], most: int, threads: int) -> None:
    lane, answerer = Lane("test", threads=threads, waiting=100, seconds=10), Answerer()
    answerer.gate.set()

    async def ask() -> list[str | BaseException]:
        batcher: Batcher[str, int, str] = Batcher(lane, answerer, most=most)
        return await asyncio.gather(*(batcher.ask(key, key, n) for key, n in asked), return_exceptions=True)

    for (key, number), answer in zip(asked, asyncio.run(ask()), strict=True):
        if number < 0:
            assert isinstance(answer, ValueError)
        else:
            assert answer == f"{key}{number**2}"
    assert max(len(numbers) for _, numbers in answerer.batches) <= most
    lane.close()
    assert lane.inside == 0
