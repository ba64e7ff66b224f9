"""Work done ahead: in order, never more of it than was said, errors at their place."""

import threading
import time
from collections.abc import Iterator

import pytest

from embedders.ahead import batches, done_ahead


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 40])
def test_the_order_is_kept_whoever_is_first(count: int) -> None:
    def slow_at_first(number: int) -> int:
        time.sleep(0.002 * (number % 3 == 0))
        return number * number

    assert list(done_ahead(slow_at_first, range(count), waiting=4)) == [number**2 for number in range(count)]


def test_no_more_is_taken_than_may_wait() -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for number in range(50):
            taken += 1
            yield number

    for place, _ in enumerate(done_ahead(str, source(), waiting=5)):
        assert taken <= place + 1 + 5


def test_work_is_done_beside_its_taker() -> None:
    begun = threading.Event()
    made = done_ahead(lambda number: begun.set() if number == 1 else None, [0, 1], waiting=2)
    next(made)
    assert begun.wait(60.0)
    assert next(made, "no more") is None
    assert next(made, "no more") == "no more"


def test_an_error_is_raised_at_its_place_and_ends_the_work() -> None:
    seen: list[int] = []

    def work(number: int) -> int:
        seen.append(number)
        if number == 3:
            raise ValueError("three")
        return number

    made = done_ahead(work, range(1000), waiting=4)
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(made)
    assert max(seen) < 10


def test_an_error_of_the_source_is_raised() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(done_ahead(str, source(), waiting=2))


def test_batches_are_whole_but_the_last() -> None:
    assert list(batches(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batches([], 3)) == []
