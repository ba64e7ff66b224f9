"""Async event sender: what `event_sender` does, by a task instead of a thread."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from plait.client.clients import AsyncClient
from plait.client.closing import AsyncClosing
from plait.client.errors import RefusedCall
from plait.client.event_sender import PASSING, NotSent
from plait.client.outbox import Outbox
from plait.service.schemas import EventIn, Problem


class AsyncEventSender(AsyncClosing):
    """Sends what it is given through `client` as EventSender does; it is made, used and closed in one running loop."""

    def __init__(self, client: AsyncClient, *, batch: int = 200, seconds: float = 1.0, room: int = 10_000) -> None:
        self._client, self._batch, self._seconds = client, batch, seconds
        self._outbox = Outbox(room=room)
        self._changed = asyncio.Condition()
        self._hurry = self._closing = False
        self._failure: Exception | None = None
        self._task = asyncio.create_task(self._run(), name="plait-events")

    @property
    def refused(self) -> list[tuple[EventIn, Problem]]:
        """The events that the service did not take, and why."""
        return list(self._outbox.refused)

    async def send(self, event: EventIn, *, timeout: float | None = None) -> None:
        """Take an event. Raises NotSent where there is no room for `timeout` seconds, or sending has ended."""
        async with self._changed:
            room = await self._until(lambda: not self._outbox.full or self._ended, timeout)
            if self._ended or not room:
                raise NotSent([event], self._failure)
            self._outbox.put(event)
            self._changed.notify_all()

    async def flush(self, timeout: float | None = 30.0) -> None:
        """Wait until all that was given is recorded or refused. Raises NotSent."""
        async with self._changed:
            self._hurry = True
            self._changed.notify_all()
            await self._until(lambda: not len(self._outbox) or self._failure is not None, timeout)
            self._hurry = False
            if len(self._outbox):
                raise NotSent(self._outbox.first(len(self._outbox)), self._failure)

    async def close(self, timeout: float | None = 30.0) -> None:
        """Flush, then end. Raises NotSent."""
        try:
            await self.flush(timeout)
        finally:
            async with self._changed:
                self._closing = True
                self._changed.notify_all()
            self._task.cancel()
            await asyncio.wait([self._task])

    @property
    def _ended(self) -> bool:
        return self._closing or self._failure is not None

    async def _until(self, holds: Callable[[], bool], seconds: float | None) -> bool:
        """Wait at most so long, in `changed`; return whether it holds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait_for(holds)
        return holds()

    async def _run(self) -> None:
        while batch := await self._next():
            try:
                await self._client.record(batch)
            except PASSING:
                # The client has waited between its own tries.
                await asyncio.sleep(self._seconds)
                continue
            except RefusedCall as error:
                if not self._outbox.drop_refused(batch, error):
                    self._failure = error
            except Exception as error:
                self._failure = error
            else:
                self._outbox.recorded(batch)
            async with self._changed:
                self._changed.notify_all()

    async def _next(self) -> list[EventIn]:
        """Wait for a batch that is full or old enough; none at the end."""
        async with self._changed:
            await self._until(lambda: len(self._outbox) > 0 or self._ended, None)
            await self._until(lambda: self._ended or self._hurry or len(self._outbox) >= self._batch, self._seconds)
            return [] if self._ended else self._outbox.first(self._batch)
