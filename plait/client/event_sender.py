"""Event sender: events sent in batches by a thread, so that who reports them does not wait."""

import threading
from collections.abc import Sequence

from plait.client.clients import Client
from plait.client.closing import Closing
from plait.client.errors import Busy, Failed, RefusedCall, Unavailable, Unreachable
from plait.client.outbox import Outbox
from plait.service.schemas import EventIn, Problem

PASSING = (Busy, Unavailable, Failed, Unreachable)
"""What may be over later: the events stay, and are tried again."""


class NotSent(Exception):  # noqa: N818 - what became of the events
    """Events that are not known to be recorded; with their ids, so that they may be sent again."""

    def __init__(self, events: Sequence[EventIn], cause: Exception | None) -> None:
        super().__init__(f"{len(events)} events are not known to be recorded: {cause or 'no time was left'}")
        self.events = list(events)
        self.cause = cause


class EventSender(Closing):
    """Sends what it is given through `client`, at most `batch` events a call, at the latest after `seconds`.

    At most `room` events wait: `send` then waits for room. An event that the service refuses goes to `refused`, the
    rest of its batch is sent without it. A process that ends without `close` loses what waits.
    """

    def __init__(self, client: Client, *, batch: int = 200, seconds: float = 1.0, room: int = 10_000) -> None:
        self._client, self._batch, self._seconds = client, batch, seconds
        self._outbox = Outbox(room=room)
        self._changed = threading.Condition()
        self._hurry = self._closing = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="plait-events", daemon=True)
        self._thread.start()

    @property
    def refused(self) -> list[tuple[EventIn, Problem]]:
        """The events that the service did not take, and why."""
        with self._changed:
            return list(self._outbox.refused)

    def send(self, event: EventIn, *, timeout: float | None = None) -> None:
        """Take an event. Raises NotSent where there is no room for `timeout` seconds, or sending has ended."""
        with self._changed:
            room = self._changed.wait_for(lambda: not self._outbox.full or self._ended, timeout)
            if self._ended or not room:
                raise NotSent([event], self._failure)
            self._outbox.put(event)
            self._changed.notify_all()

    def flush(self, timeout: float | None = 30.0) -> None:
        """Wait until all that was given is recorded or refused. Raises NotSent."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not len(self._outbox) or self._failure is not None, timeout)
            self._hurry = False
            if len(self._outbox):
                raise NotSent(self._outbox.first(len(self._outbox)), self._failure)

    def close(self, timeout: float | None = 30.0) -> None:
        """Flush, then end. Raises NotSent."""
        try:
            self.flush(timeout)
        finally:
            with self._changed:
                self._closing = True
                self._changed.notify_all()

    @property
    def _ended(self) -> bool:
        return self._closing or self._failure is not None

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._client.record(batch)
            except PASSING:
                self._pause()
            except RefusedCall as error:
                self._put_aside(batch, error)
            except Exception as error:
                self._fail(error)
            else:
                with self._changed:
                    self._outbox.recorded(batch)
                    self._changed.notify_all()

    def _next(self) -> list[EventIn]:
        """Wait for a batch that is full or old enough; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._outbox) or self._ended)
            self._changed.wait_for(self._due, self._seconds)
            return [] if self._ended else self._outbox.first(self._batch)

    def _due(self) -> bool:
        return self._ended or self._hurry or len(self._outbox) >= self._batch

    def _put_aside(self, batch: list[EventIn], error: RefusedCall) -> None:
        with self._changed:
            if not self._outbox.drop_refused(batch, error):
                self._failure = error
            self._changed.notify_all()

    def _fail(self, error: Exception) -> None:
        """End, as when the client is closed meanwhile: who sends and flushes is told."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def _pause(self) -> None:
        """Wait before the same batch is tried again; the client has waited between its own tries."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing, self._seconds)
