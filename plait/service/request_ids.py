"""Request ids: each request has one, its own or a new one, and each answer says which."""

import re
import secrets
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from plait.service.headers import with_headers
from plait.service.http_layer import HttpLayer

HEADER = "X-Request-ID"
USABLE = re.compile(r"[A-Za-z0-9._-]{1,128}")
"""What a caller may name a request; anything else is replaced, for it stands in logs and headers."""


class RequestIds(HttpLayer):
    """Names each request, in its scope's state and in a header of the answer."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        given = Headers(scope=scope).get(HEADER, "")
        named = given if USABLE.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = named

        def name(headers: MutableHeaders) -> None:
            headers[HEADER] = named

        await self._app(scope, receive, with_headers(send, name))


def request_id_of(request: Request) -> str:
    """Return the id of a request."""
    state: dict[str, Any] = request.scope.get("state", {})
    return str(state.get("request_id", ""))
