"""Batching: questions of requests that wait at one time are answered together, because the flows take many at once."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from plait.service.lanes import Lane
from plait.stages import Listener, listeners_here, listening

Shared = TypeVar("Shared")
Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Waiting(Generic[Shared, Question, Answer]):
    """A question that waits; those with an equal `key` share what is asked for, and may go together."""

    key: str
    shared: Shared
    question: Question
    future: "Future[Answer]" = field(default_factory=Future)
    since: float = field(default_factory=time.perf_counter)
    listeners: tuple[Listener, ...] = field(default_factory=listeners_here)


class Batcher(Generic[Shared, Question, Answer]):
    """Takes what waits, at most `most` questions of one key, and has them answered by one call in a thread of a lane.

    While one batch is answered the next one gathers; `wait` are seconds for which a batch that is not full waits
    for more. With `most` 1 each question is answered by itself, in all threads of the lane. What is wrong with one
    question is raised to who asked it alone.
    """

    def __init__(
        self, lane: Lane, answer: Callable[[Shared, list[Question]], Sequence[Answer]], *, most: int, wait: float = 0.0,
        counted: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        """Tell `counted` how many questions each batch has."""
        self._lane = lane
        self._answer = answer
        self._most = most
        self._wait = wait
        self._counted = counted
        self._runners = lane.threads if most == 1 else 1
        self._lock = threading.Lock()
        self._queue: deque[Waiting[Shared, Question, Answer]] = deque()
        self._running = 0

    async def ask(self, key: str, shared: Shared, question: Question) -> Answer:
        """Return the answer. Raises Refusal as `Lane.run` does, and what the question itself leads to."""
        waiting: Waiting[Shared, Question, Answer] = Waiting(key, shared, question)
        self._lane.admit(waiting.future)
        with self._lock:
            self._queue.append(waiting)
            begins = self._running < self._runners
            self._running += begins
        if begins:
            self._lane.executor.submit(self._drain)
        return await self._lane.answer_of(waiting.future)

    def _drain(self) -> None:
        """Answer batches until nothing waits. Whatever one leads to, the next one is answered."""
        while batch := self._next():
            try:
                wanted = [one for one in batch if self._lane.begin(one.future, one.since)]
                if wanted:
                    if self._counted is not None:
                        self._counted(len(wanted))
                    self._fulfil(wanted)
            except BaseException as error:
                for one in batch:
                    # Some may be answered or given up already.
                    with suppress(InvalidStateError):
                        one.future.set_exception(error)

    def _next(self) -> list[Waiting[Shared, Question, Answer]]:
        """Take the questions that have the key of the first one, in their order; none where nothing waits."""
        if self._wait and 0 < len(self._queue) < self._most:
            time.sleep(self._wait)
        with self._lock:
            if not self._queue:
                self._running -= 1
                return []
            key, batch, others = self._queue[0].key, list[Any](), deque[Any]()
            for one in self._queue:
                (batch if one.key == key and len(batch) < self._most else others).append(one)
            self._queue = others
            return batch

    def _fulfil(self, batch: list[Waiting[Shared, Question, Answer]]) -> None:
        try:
            listeners = [heard for one in batch for heard in one.listeners]
            with listening(self._lane.heard, *listeners):
                answers = self._answer(batch[0].shared, [one.question for one in batch])
        except BaseException as error:
            # An extension module that panics raises no Exception.
            if len(batch) == 1:
                batch[0].future.set_exception(error)
                return
            for one in batch:
                self._fulfil([one])
            return
        for one, answer in zip(batch, answers, strict=True):
            one.future.set_result(answer)
