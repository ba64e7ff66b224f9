"""Body limit: a request larger than the service takes is refused before it is read, or where it turns out to be."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plait.service.http_layer import HttpLayer


class BodyLimit(HttpLayer):
    """Raises HTTPException, 413, where a body is larger than `most` bytes, by its header or as it comes."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        super().__init__(app)
        self._most = most

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        size, read = Headers(scope=scope).get("content-length", ""), 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise self._too_large()
            return message

        async def refused() -> Message:
            raise self._too_large()

        too_large = size.isdecimal() and int(size) > self._most
        await self._app(scope, refused if too_large else counted, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"the request is larger than {self._most} bytes")
