"""GroupCommit: batches that threads record at one time share a transaction, and so one flush of the disk."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from plait.records import Event
from plait.store.event_changes import EventChanges, EventCounts
from plait.store.forks import rest_at_forks

MOST_EVENTS = 5_000
"""Events of one group: nobody waits long for the batches of others."""
Write = Callable[[], AbstractContextManager[EventChanges]]


@dataclass(slots=True, eq=False)
class _Batch:
    events: Sequence[Event]
    counts: EventCounts | None = None
    error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.counts is not None or self.error is not None


class GroupCommit:
    """The first of the threads that wait writes for all; a batch alone waits for nobody."""

    def __init__(self, write: Write) -> None:
        """Take `write`, which begins a transaction that is durable when its block has ended."""
        self._write = write
        self._renew()
        rest_at_forks(self)

    def _renew(self) -> None:
        self._leading, self._queueing = threading.Lock(), threading.Lock()
        self._waiting: list[_Batch] = []

    def record(self, events: Sequence[Event]) -> EventCounts:
        """Record a batch; durable when this returns. Raises what is wrong with this batch, never with another."""
        mine = _Batch(events)
        with self._queueing:
            self._waiting.append(mine)
        with self._leading:
            # Batches go in the order in which they came, so that mine may be behind a full group.
            while not mine.done:
                self._lead()
        if mine.error is not None:
            raise mine.error
        assert mine.counts is not None
        return mine.counts

    def _lead(self) -> None:
        group = self._taken()
        try:
            try:
                self._commit(group)
            except Exception as error:
                if len(group) == 1:
                    group[0].error = error
                else:
                    self._commit_each(group)
        finally:
            # Interrupted: what was not written is for the next leader, who finds twice what was.
            with self._queueing:
                self._waiting[:0] = [batch for batch in group if not batch.done]

    def _taken(self) -> list[_Batch]:
        with self._queueing:
            count = events = 0
            while count < len(self._waiting) and (not count or events < MOST_EVENTS):
                events += len(self._waiting[count].events)
                count += 1
            group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    def _commit(self, group: Sequence[_Batch]) -> None:
        with self._write() as change:
            counts = [change.record(batch.events) for batch in group]
        for batch, counted in zip(group, counts, strict=True):
            batch.counts = counted

    def _commit_each(self, group: Sequence[_Batch]) -> None:
        """Write batch by batch, so that one that cannot be written fails alone."""
        for batch in group:
            try:
                self._commit([batch])
            except Exception as error:
                batch.error = error

    def before_fork(self) -> None:
        """Let the fork happen: a transaction that is open then is the file's to refuse."""

    def after_fork(self, *, child: bool) -> None:
        """Go on; in the child with locks that no thread holds, and without the batches of its parent's threads."""
        if child:
            self._renew()
