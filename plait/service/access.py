"""Access: who asks, whether they may, and whether they ask too often; before anything of a body is read."""

import asyncio
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from plait.service.errors import refusal_of, told
from plait.service.http_layer import HttpLayer
from plait.service.keys import Keys
from plait.service.messages import Clean
from plait.service.rates import Buckets, Rate
from plait.service.refusals import Refusal
from plait.service.scopes import scope_of

FRESH_SECONDS = 1.0
"""For how long keys that were read are good: one that is removed opens nothing a second later."""
KEY_HEADER = "X-API-Key"
BEARER = "bearer "


class Keyring:
    """The keys of the store, read anew every second; the last ones while the store cannot be read."""

    def __init__(self, read: Callable[[], Keys | None]) -> None:
        self._read = read
        self._keys: Keys | None = None
        self._good_until = float("-inf")
        self._reading = asyncio.Lock()

    async def keys(self, now: float) -> Keys | None:
        """Return the keys, None where none was ever made. Raises BadData where they could never be read.

        They are read by a thread: a store that does not answer holds up who needs a key, not the event loop.
        """
        if now >= self._good_until:
            async with self._reading:
                if now >= self._good_until:
                    await self._read_anew(now)
        return self._keys

    async def _read_anew(self, now: float) -> None:
        try:
            self._keys = await run_in_threadpool(self._read)
        except Exception:
            if self._good_until == float("-inf"):
                raise
        self._good_until = now + FRESH_SECONDS


class Access(HttpLayer):
    """Refuses with 401 who has no key, with 403 whose key may not, with 429 who asks too often.

    Without a `keyring`, and where no key was ever made, everybody may do everything. `rate` is for keys without one of
    their own, and for addresses where there are no keys; None for no bound.
    """

    def __init__(self, app: ASGIApp, keyring: Keyring | None, rate: Rate | None, clean: Clean) -> None:
        super().__init__(app)
        self._keyring = keyring
        self._rate = rate
        self._clean = clean
        self._buckets = Buckets()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        try:
            await self._check(scope)
        except Exception as error:
            refusal = refusal_of(error)
            request_id = scope.get("state", {}).get("request_id", "")
            await told(refusal, request_id, self._clean)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _check(self, scope: Scope) -> None:
        """Note the key's name in the state of the scope. Raises Refusal."""
        asked, now = scope_of(scope["method"], scope["path"]), time.monotonic()
        if asked is None:
            return
        keys = await self._keyring.keys(now) if self._keyring else None
        address = f"address {(scope.get('client') or ('',))[0]}"
        if keys is None:
            self._count(address, self._rate, now)
            return
        name = keys.named(presented(Headers(scope=scope)))
        if name is None:
            self._count(address, self._rate, now)
            raise refused_key()
        key = keys.by_name[name]
        self._count(f"key {name}", Rate.parse(key.rate) if key.rate else self._rate, now)
        if not key.scope.holds(asked):
            raise Refusal(403, "forbidden", f"the key has the scope {key.scope}; this asks for {asked}")
        scope.setdefault("state", {})["key"] = name

    def _count(self, name: str, rate: Rate | None, now: float) -> None:
        wait = self._buckets.wait(name, rate, now) if rate else 0
        if wait:
            said = f"more than {rate.count} requests in {rate.seconds} s; come again in {wait} s" if rate else ""
            raise Refusal(429, "too_often", said, retry_after=wait)


def refused_key() -> Refusal:
    """Return the refusal of who has no key, or a wrong one."""
    said = "expected a key of this service, as `Authorization: Bearer KEY` or `X-API-Key: KEY`"
    return Refusal(401, "no_key", said, headers={"WWW-Authenticate": "Bearer"})


def presented(headers: Headers) -> str:
    """Return the key that came with a request, "" for none; X-API-Key counts where both are there."""
    given = headers.get("Authorization", "")
    bearer = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
    return headers.get(KEY_HEADER, "") or bearer
