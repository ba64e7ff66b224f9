"""Lanes: bounded pools of threads, so that the event loop never works and nothing waits without end."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from plait.service.refusals import Refusal
from plait.stages import Lap, Listener, listeners_here, listening

T = TypeVar("T")
BUSY_SECONDS = 1
"""After how long one that was sent away may come again."""


class Told(Protocol):
    """Who is told what becomes of the requests of a lane."""

    def entered(self) -> None:
        """Hear that a request waits."""

    def began(self, waited: float) -> None:
        """Hear that one is worked on after so many seconds."""

    def left(self, *, begun: bool) -> None:
        """Hear that one is done, or was given up before it had begun."""

    def refused(self) -> None:
        """Hear that one found no place."""


def unheard(_: Lap) -> None:
    """Listen to stages, and do nothing."""


class Lane:
    """Some threads, and so many places for requests that wait for them; who finds none is refused with 429."""

    def __init__(
        self, name: str, *, threads: int, waiting: int, seconds: float, told: Told | None = None,
        heard: Listener = unheard,
    ) -> None:  # fmt: skip
        """`told` hears of requests, `heard` of the stages of the work."""
        self.name = name
        self.threads = threads
        self.places = threads + waiting
        self.seconds = seconds
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self.heard = heard
        self._told = told
        self._lock = threading.Lock()
        self._inside = 0

    @property
    def inside(self) -> int:
        """How many requests are worked on or wait."""
        return self._inside

    def admit(self, future: "Future[Any]") -> None:
        """Take a place until `future` is done. Raises Refusal, 429, where none is free."""
        with self._lock:
            if self._inside >= self.places:
                if self._told is not None:
                    self._told.refused()
                raise Refusal(
                    429, "busy", f"{self._inside} requests wait already; come again in {BUSY_SECONDS} s",
                    retry_after=BUSY_SECONDS,
                )  # fmt: skip
            self._inside += 1
            if self._told is not None:
                self._told.entered()
        future.add_done_callback(self._leave)

    def _leave(self, future: "Future[Any]") -> None:
        with self._lock:
            self._inside -= 1
            if self._told is not None:
                self._told.left(begun=not future.cancelled())

    def begin(self, future: "Future[Any]", since: float) -> bool:
        """Return whether the work of a future that waited `since` a moment is still wanted, and count it as begun."""
        if not future.set_running_or_notify_cancel():
            return False
        if self._told is not None:
            self._told.began(time.perf_counter() - since)
        return True

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Let a thread do some work. Raises Refusal, 429, where no place is free."""
        future: Future[T] = Future()
        self.admit(future)
        self.executor.submit(self._fulfil, future, work, time.perf_counter(), listeners_here())
        return future

    async def run(self, work: Callable[[], T]) -> T:
        """Return what some work gives. Raises Refusal: 429 at once, or as `answer_of` does."""
        return await self.answer_of(self.submit(work))

    async def answer_of(self, future: "Future[T]") -> T:
        """Wait for an answer.

        Raises Refusal after the lane's seconds: 503 where nothing had begun, 504 where the work goes on.
        """
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self.seconds)
        except TimeoutError:
            # wrap_future cancels a moment later what has not begun.
            if future.cancel() or future.cancelled():
                said = f"no thread was free within {self.seconds:g} s; nothing was done"
                raise Refusal(503, "timed_out", said, retry_after=BUSY_SECONDS) from None
            if future.done():
                return future.result()
            said = f"not done within {self.seconds:g} s; it goes on, and what it writes may count"
            raise Refusal(504, "too_slow", said, retry_after=BUSY_SECONDS) from None

    def close(self) -> None:
        """Let what has begun end; what waits is dropped."""
        self.executor.shutdown(wait=True, cancel_futures=True)

    def _fulfil(
        self, future: "Future[T]", work: Callable[[], T], since: float, listeners: Sequence[Listener]
    ) -> None:  # fmt: skip
        """Do the work of a future unless it was given up."""
        if not self.begin(future, since):
            return
        try:
            with listening(self.heard, *listeners):
                answer = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(answer)
