"""Forks: what must not be carried into a forked process is put to rest while the fork happens."""

import os
import threading
import weakref
from typing import Protocol


class Resting(Protocol):
    """What can be put to rest by the thread that forks, and go on afterwards in both processes."""

    def before_fork(self) -> None:
        """Come to rest and stay so."""

    def after_fork(self, *, child: bool) -> None:
        """Go on, in the process that forked or in its child."""


_known: "weakref.WeakSet[Resting]" = weakref.WeakSet()
_resting: list[Resting] = []
_one_at_a_time = threading.Lock()


def rest_at_forks(thing: Resting) -> None:
    """Put `thing` to rest at every fork for as long as it lives."""
    _known.add(thing)


def _before() -> None:
    _one_at_a_time.acquire()
    for thing in list(_known):
        thing.before_fork()
        _resting.append(thing)


def _after(*, child: bool) -> None:
    for thing in _resting:
        thing.after_fork(child=child)
    _resting.clear()
    _one_at_a_time.release()


os.register_at_fork(
    before=_before,
    after_in_parent=lambda: _after(child=False),
    after_in_child=lambda: _after(child=True),
)
