"""Connections: bounded in number, and in how long one may send no request or not take its answer."""

import asyncio
import resource
from typing import Any, cast

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from plait.service_settings import Service

BOUNDS = "bounds"
"""Where the state of the application holds them."""
LEAVE_SECONDS = 1.0
"""How long connections without a request stay when the process is told to stop: what is sent just then is answered."""
CLOSE = (b"connection", b"close")
OTHER_FILES = 512
"""Files that a process opens beside its connections: the store, snapshots, uploads."""


class Bounds:
    """What the connections of a process share: how many there may be, and which wait, the longest first."""

    def __init__(self, most: int, header_seconds: float, stall_seconds: float) -> None:
        self.most = most
        self.header_seconds = header_seconds
        self.stall_seconds = stall_seconds
        self.waiting: dict[BoundedProtocol, asyncio.TimerHandle] = {}

    def make_room(self, newest: "BoundedProtocol") -> None:
        """End the connection that has waited the longest for a request of its own; the new one where none waits.

        One that opens thousands and sends nothing so only drops its own.
        """
        next(iter(self.waiting), newest).give_way()


class BoundedProtocol(H11Protocol):
    """A connection that waits for a whole head of a request only so long, however many bytes of it trickle in."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:  # fmt: skip
        super().__init__(config, server_state, app_state, _loop)
        # What the application's lifespan gave: workers are spawned, and share no object with who configured them.
        self.bounds: Bounds = app_state[BOUNDS]
        self._stalled: asyncio.TimerHandle | None = None
        self._leaving = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait."""
        # uvicorn narrows what asyncio's protocols promise to take.
        super().connection_made(cast("asyncio.Transport", transport))
        if len(self.connections) > self.bounds.most:
            self.bounds.make_room(self)
        if not self.transport.is_closing():
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait no more once a request is there."""
        super().data_received(data)
        if self._is_asked():
            self._wait_no_more()
            if self._leaving:
                self._answer_last()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of a body that nobody reads any more."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._wait_no_more()
        self._flows()
        super().connection_lost(exc)

    def give_way(self) -> None:
        """End, and wait no more: of connections that come in one turn of the loop each makes another one end."""
        self._wait_no_more()
        self.transport.abort()

    def shutdown(self) -> None:
        """Answer what is asked, or will be within LEAVE_SECONDS, and say that it is the last answer."""
        self._leaving = True
        if self._is_asked():
            self._answer_last()
        else:
            self.loop.call_later(LEAVE_SECONDS, self._leave)

    def pause_writing(self) -> None:
        """End the connection of who does not take what is sent."""
        super().pause_writing()
        self._flows()
        self._stalled = self.loop.call_later(self.bounds.stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._flows()

    def _is_asked(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _answer_last(self) -> None:
        if self.cycle.keep_alive:
            self.cycle.keep_alive = False
            self.cycle.default_headers = [*self.cycle.default_headers, CLOSE]

    def _leave(self) -> None:
        if not (self._is_asked() or self.transport.is_closing()):
            super().shutdown()

    def _wait(self) -> None:
        self._wait_no_more()
        self.bounds.waiting[self] = self.loop.call_later(self.bounds.header_seconds, self.transport.abort)

    def _wait_no_more(self) -> None:
        if (timer := self.bounds.waiting.pop(self, None)) is not None:
            timer.cancel()

    def _flows(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def bounds_of(settings: Service) -> Bounds:
    """Return the bounds of one process, within the files that it may open."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = settings.max_connections
    if allowed != resource.RLIM_INFINITY:
        most = max(1, min(most, allowed - OTHER_FILES))
    return Bounds(most, settings.header_seconds, settings.body_seconds)


def allow_files() -> None:
    """Let this process open as many files as the machine permits; a connection is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
