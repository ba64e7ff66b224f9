"""Readiness: what answers now, looked up by a thread of no lane, so that it is told however much is asked for."""

import asyncio
import time
from collections.abc import Callable

FRESH_SECONDS = 1.0
"""For how long what was found is told again."""


class Readiness:
    """The name of what answers; however many ask, one thread looks it up, once a second at most."""

    def __init__(self, look: Callable[[], str]) -> None:
        self._look = look
        self._looking: asyncio.Future[str] | None = None
        self._good_until = float("-inf")

    async def name(self, *, seconds: float) -> str:
        """Return it. Raises what looking raised, TimeoutError where it takes longer."""
        now = time.monotonic()
        if self._looking is None or (self._looking.done() and now >= self._good_until):
            self._looking = asyncio.ensure_future(asyncio.to_thread(self._look))
            self._good_until = now + FRESH_SECONDS
        # Who asks no more takes the answer from nobody else.
        return await asyncio.wait_for(asyncio.shield(self._looking), seconds)
