"""A transport into a service in this process, for the client that waits."""

import httpx
from starlette.testclient import TestClient


class InProcess(httpx.BaseTransport):
    """Hands requests to Starlette's test client, which speaks to the application."""

    def __init__(self, inner: TestClient) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the application's answer."""
        headers = dict(request.headers.items())
        answer = self._inner.request(request.method, str(request.url), content=request.read(), headers=headers)
        return httpx.Response(answer.status_code, headers=list(answer.headers.items()), content=answer.content)
