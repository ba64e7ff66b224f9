"""Readings: what threads read for many requests: of each name once at a time, and good for a second, failures too."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from plait.service.refusals import Refusal

FRESH_SECONDS = 1.0
"""For how long what was read is good."""
WAIT_SECONDS = 10.0
"""How long a request waits for what a thread has not done yet."""
MOST_WAITING = 256
"""Requests that may wait for one name: a tenant that cannot be reached must not hold the connections of all."""
BUSY_SECONDS = 5
"""After how long one that has waited may come again."""
SLOW_SECONDS = 1.0
MOST_THREADS = 64
MOST_SLOW_THREADS = 8
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What was read, in how many seconds, and until when it is good."""

    value: T
    seconds: float
    until: float


class Readings(Generic[T]):
    """Reads by threads of its own; who waits for one holds none. To be used by one event loop.

    `read` gets a name, and what was read of it before, None at first. What cannot be read is a value as well: `read`
    raises nothing. No more than `most` requests wait for one name.
    """

    def __init__(self, read: Callable[[str, T | None], T], *, most: int = MOST_WAITING) -> None:
        self._read = read
        self._most = most
        self._found: dict[str, Found[T]] = {}
        self._reading: dict[str, asyncio.Task[T]] = {}
        self._waiting = Counter[str]()
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="reading")
        self._slow_threads = ThreadPoolExecutor(MOST_SLOW_THREADS, thread_name_prefix="reading-slowly")

    async def of(self, name: str) -> T:
        """Return what is read of a name. Raises Refusal, 503, where too many wait for it, or for too long."""
        found = self._found.get(name)
        if found is not None and time.monotonic() < found.until:
            return found.value
        with one_more(self._waiting, name, self._most):
            reading = self._reading.get(name)
            if reading is None:
                reading = self._reading[name] = asyncio.create_task(self._read_anew(name))
            done, _ = await asyncio.wait([reading], timeout=WAIT_SECONDS)
            # It is cancelled where the process is told to stop before a thread has begun.
            if not done or reading.cancelled():
                raise come_again()
            return reading.result()

    def keep(self, names: Collection[str]) -> None:
        """Forget what was read of other names."""
        for name in [name for name in self._found if name not in names]:
            del self._found[name]

    def close(self) -> None:
        """Begin no other reading."""
        for threads in (self._threads, self._slow_threads):
            threads.shutdown(wait=False, cancel_futures=True)

    async def _read_anew(self, name: str) -> T:
        before = self._found.get(name)
        # What took long before may take long again: many such must not take the threads of all others.
        slow = before is not None and before.seconds > SLOW_SECONDS
        threads = self._slow_threads if slow else self._threads
        try:
            found = await asyncio.get_running_loop().run_in_executor(threads, self._timed, name, before)
        finally:
            del self._reading[name]
        self._found[name] = found
        return found.value

    def _timed(self, name: str, before: Found[T] | None) -> Found[T]:
        began = time.monotonic()
        value = self._read(name, None if before is None else before.value)
        now = time.monotonic()
        return Found(value, now - began, now + FRESH_SECONDS)


@contextmanager
def one_more(waiting: Counter[str], name: str, most: int = MOST_WAITING) -> Iterator[None]:
    """Count one that waits for a name. Raises Refusal, 503, where `most` wait."""
    if waiting[name] >= most:
        raise come_again()
    waiting[name] += 1
    try:
        yield
    finally:
        waiting[name] -= 1
        if not waiting[name]:
            del waiting[name]


def come_again() -> Refusal:
    """Return the refusal of who has waited for long enough, or cannot."""
    said = f"what this asks for is not ready; come again in {BUSY_SECONDS} s"
    return Refusal(503, "not_ready", said, retry_after=BUSY_SECONDS)
