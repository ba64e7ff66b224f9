"""Outbox: events that wait to be sent, in order, each once; what both senders share."""

import time
from collections import deque
from collections.abc import Sequence

from plait.client.calls import identified
from plait.client.errors import RefusedCall
from plait.service.schemas import EventIn, Problem


class Outbox:
    """At most `room` events; not safe between threads by itself.

    An event stays until it is known to be recorded, and keeps its event_id: sent twice it counts once.
    """

    def __init__(self, *, room: int) -> None:
        self._room = room
        self._events: deque[EventIn] = deque()
        self.refused: deque[tuple[EventIn, Problem]] = deque(maxlen=room)
        """What the service will never take, and why; of more than `room` the last ones."""

    def __len__(self) -> int:
        return len(self._events)

    @property
    def full(self) -> bool:
        """Whether no more fits."""
        return len(self._events) >= self._room

    def put(self, event: EventIn) -> None:
        """Take an event; one without a timestamp happens now, not when it arrives."""
        now = {} if event.timestamp is not None else {"timestamp": time.time()}
        self._events.append(identified(event.model_copy(update=now)))

    def first(self, most: int) -> list[EventIn]:
        """Return the oldest events; they stay."""
        return [self._events[place] for place in range(min(most, len(self._events)))]

    def recorded(self, batch: Sequence[EventIn]) -> None:
        """Let the oldest events go: they are `batch`."""
        for _ in batch:
            self._events.popleft()

    def drop_refused(self, batch: Sequence[EventIn], error: RefusedCall) -> bool:
        """Put those aside that an error names, which refused all of `batch`; return whether there were any."""
        bad = {one.index: one for one in error.problems if one.index is not None and one.index < len(batch)}
        if error.status != 422 or not bad:
            return False
        self.recorded(batch)
        self._events.extendleft(event for place, event in reversed(list(enumerate(batch))) if place not in bad)
        self.refused.extend((batch[place], problem) for place, problem in sorted(bad.items()))
        return True
