"""Headers: what every answer tells browsers that they may not do with it."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from plait.service.http_layer import HttpLayer

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:",
        "media-src 'self' blob:", "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "base-uri 'none'",
        "form-action 'self'", "frame-ancestors 'none'",
    )
)  # fmt: skip
"""Scripts, styles and fonts of this service alone, none within a page; media that a page holds, to play and show."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


class SafeHeaders(HttpLayer):
    """Gives each answer the headers above, but those that its route set itself."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await self._app(scope, receive, with_headers(send, _guard))


def with_headers(send: Send, change: Callable[[MutableHeaders], None]) -> Send:
    """Return `send`, which lets `change` at the headers of the answer first."""

    async def changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            change(MutableHeaders(scope=message))
        await send(message)

    return changed


def _guard(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
