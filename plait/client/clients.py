"""The two clients: one that waits, one that is awaited; what they can ask is in `routes`."""

import asyncio
import secrets
import time
from typing import TypeVar

import httpx
from pydantic import ValidationError

from plait.client.call import Call
from plait.client.closing import AsyncClosing, Closing
from plait.client.errors import Failed, Unreachable, refused
from plait.client.retrying import Retries
from plait.client.routes import Routes

T = TypeVar("T")
Happened = httpx.Response | httpx.TransportError


class Client(Routes, Closing):
    """A service at `base_url`, asked by a thread; threads may share it.

    `key` is an API key; `timeout` seconds hold for each try; `transport` replaces the network. Each method raises
    RefusedCall's kinds and Unreachable, after the tries that `retries` allow.
    """

    def __init__(
        self, base_url: str, key: str | None = None, *, timeout: float = 35.0, retries: Retries = Retries(),  # noqa: B008 - frozen
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._retries = retries
        self._http = httpx.Client(base_url=base_url, headers=_headers(key), timeout=timeout, transport=transport)

    def send(self, call: Call[T], /) -> T:
        """Return the answer to a call."""
        request_id, tried = secrets.token_hex(8), 0
        while True:
            happened, tried = self._try(call, request_id), tried + 1
            wait = _wait(self._retries, tried, happened, call)
            if wait is None:
                return _answer(call, happened, request_id)
            time.sleep(wait)

    def _try(self, call: Call[T], request_id: str) -> Happened:
        try:
            return self._http.send(call.request(self._http, request_id))
        except httpx.TransportError as error:
            return error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class AsyncClient(Routes, AsyncClosing):
    """The same, awaited: `await client.recommend("anna")`."""

    def __init__(
        self, base_url: str, key: str | None = None, *, timeout: float = 35.0, retries: Retries = Retries(),  # noqa: B008 - frozen
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._retries = retries
        self._http = httpx.AsyncClient(base_url=base_url, headers=_headers(key), timeout=timeout, transport=transport)

    async def send(self, call: Call[T], /) -> T:
        """Return the answer to a call."""
        request_id, tried = secrets.token_hex(8), 0
        while True:
            happened, tried = await self._try(call, request_id), tried + 1
            wait = _wait(self._retries, tried, happened, call)
            if wait is None:
                return _answer(call, happened, request_id)
            await asyncio.sleep(wait)

    async def _try(self, call: Call[T], request_id: str) -> Happened:
        try:
            return await self._http.send(call.request(self._http, request_id))
        except httpx.TransportError as error:
            return error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _headers(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Authorization": f"Bearer {key}"}


def _wait(retries: Retries, tried: int, happened: Happened, call: Call[T]) -> float | None:
    if isinstance(happened, httpx.Response) and happened.is_success:
        return None
    return retries.wait(tried, happened, repeatable=call.repeatable)


def _answer(call: Call[T], happened: Happened, request_id: str) -> T:
    """Return what an answer says. Raises RefusedCall, Unreachable; Failed for what only a proxy or a portal says."""
    if isinstance(happened, httpx.TransportError):
        raise Unreachable(f"{type(happened).__name__}: {happened}", request_id) from happened
    if not happened.is_success:
        raise refused(happened, request_id)
    try:
        return call.read(happened)
    except ValidationError as error:
        said = f"status {happened.status_code}, with an answer that is none of this service's"
        raise Failed(happened.status_code, "unknown", said, request_id) from error
