"""Stages: how long the parts of an answer take, told to whoever listens; where nobody does it costs next to nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Lap(NamedTuple):
    """A stage that has ended: when it began, in nanoseconds of Unix time, and how many seconds it took."""

    stage: str
    began: int
    seconds: float


Listener = Callable[[Lap], None]
FOLLOW = "follow"
"""The stage in which a process takes up what was changed since its last answer."""
STAGES = (FOLLOW, "history", "encode", "profile", "search", "score", "rules", "rank", "reasons", "record")
"""All stages. None lies within another."""
_listeners: ContextVar[tuple[Listener, ...]] = ContextVar("listeners", default=())


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a block, or as a decorator a function, as one of STAGES."""
    listeners = _listeners.get()
    if not listeners:
        yield
        return
    began, start = time.time_ns(), time.perf_counter()
    try:
        yield
    finally:
        lap = Lap(name, began, time.perf_counter() - start)
        for heard in listeners:
            heard(lap)


@contextmanager
def listening(*listeners: Listener) -> Iterator[None]:
    """Let listeners hear of the stages of a block, in this thread and where `listeners_here` takes them."""
    before = _listeners.set(listeners)
    try:
        yield
    finally:
        _listeners.reset(before)


def listeners_here() -> tuple[Listener, ...]:
    """Return who listens here, for a thread that goes on with the work."""
    return _listeners.get()
