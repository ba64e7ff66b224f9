"""Body time: a body that comes too slowly is given up, and its connection with it."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plait.service.http_layer import HttpLayer


class BodyTime(HttpLayer):
    """Raises HTTPException, 408, where a body is not whole `seconds` after it was first asked for."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        super().__init__(app)
        self._seconds = seconds

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        deadline: float | None = None
        whole = False

        async def timed() -> Message:
            nonlocal deadline, whole
            if whole:
                # What comes after a body is only that the caller has gone, whenever that is.
                return await receive()
            deadline = deadline or asyncio.get_running_loop().time() + self._seconds
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                said = f"the body did not come within {self._seconds:g} s"
                raise HTTPException(408, said, headers={"Connection": "close"}) from None
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, timed, send)
