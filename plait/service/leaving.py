"""Leaving: a process that was told to stop is gone in time, whatever a thread of it is still at."""

import logging
import os
import threading

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGGER = logging.getLogger("plait.service")
LAST_SECONDS = 10.0
"""How long what goes on after its request, or without one, may take to end when the process stops. With the
`stop_seconds` before it this stays below what deploy/ lets pass until a kill."""


def gone_in_time(app: ASGIApp) -> ASGIApp:
    """Return the application of a process of its own, which ends, exit 0, LAST_SECONDS after its requests have.

    What is cut off is as if the process had been killed: what was answered is stored, and the rest is not.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        ended = threading.Event()

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                threading.Thread(target=_leave, args=(ended,), name="leaving", daemon=True).start()
            return message

        async def told(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                # What comes after it, as the end of who tends beside, has a bound of its own.
                ended.set()
            await send(message)

        await (app(scope, heard, told) if scope["type"] == "lifespan" else app(scope, receive, send))

    return answer


def _leave(ended: threading.Event) -> None:
    if ended.wait(LAST_SECONDS):
        return
    LOGGER.warning("cut off", extra={"fields": {"after_seconds": LAST_SECONDS}})
    # Threads of pools are joined when the interpreter ends.
    os._exit(0)
