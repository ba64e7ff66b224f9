"""HTTP layer: what each request passes through on its way to its route."""

from abc import ABC, abstractmethod

from starlette.types import ASGIApp, Receive, Scope, Send


class HttpLayer(ABC):
    """A layer around `app`, in front of HTTP requests alone; the server's beginning and end go past it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what came."""
        answer = self.answer if scope["type"] == "http" else self._app
        await answer(scope, receive, send)

    @abstractmethod
    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
