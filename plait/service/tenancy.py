"""Tenancy: one service for several workspaces, each with an application of its own; a request is of one tenant."""

import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from plait.service.access import presented, refused_key
from plait.service.connections import BOUNDS, bounds_of
from plait.service.doors import CLOSED, SHUT, Door, door_of
from plait.service.front import front_of
from plait.service.keys import PREFIX
from plait.service.rates import Buckets, Rate
from plait.service.readings import BUSY_SECONDS, Readings
from plait.service.refusals import Refusal
from plait.service.rooms import Rooms
from plait.service.tenant import Tenant
from plait.service_settings import Service
from plait.tenants import Quota, Tenants, place_of, read_tenants

LOGGER = logging.getLogger("plait.service")
HEADER = "X-Plait-Tenant"
PARAMETER = "tenant"
"""Of an address; pages that cannot send a header name their tenant by it."""
MOST_OPEN = 16
FRONT = ("/", "/health", "/ready", "/v1/collect.js")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A tenant that may be asked, and whether who asks is told what is wrong with it: pages are not."""

    name: str
    quota: Quota
    door: Door
    trusted: bool


class Tenancy:
    """Finds out whose a request is, by its key, X-Plait-Tenant or `?tenant=`, and lets the tenant's application answer.

    Workspaces are opened by the first request that may ask them something, at most `most` at once: the one asked
    longest ago that is at nothing is closed for the next. With `needs_keys` a tenant without keys answers nobody.
    A tenant that cannot be reached holds up its own requests alone.
    """

    def __init__(self, folder: Path, *, keyed: bool, needs_keys: bool, most: int = MOST_OPEN) -> None:
        self._folder = folder
        self._keyed = keyed
        self._needs_keys = needs_keys
        # One list for all: whoever waits for it waits for no other tenant.
        self._known = Readings[Tenants](self._read_tenants, most=sys.maxsize)
        self._seen: Tenants = {}
        self._doors = Readings[Door](self._read_door)
        self._rooms = Rooms(folder, most, keyed=keyed)
        self._buckets = Buckets()
        self._front = front_of(folder)
        self.app = _Dispatcher(self)

    def named(self, scope: Scope) -> str:
        """Return which tenant a request names, "" for none."""
        headers = Headers(scope=scope)
        key = presented(headers)
        if key.startswith(PREFIX) and "." in key:
            return key.removeprefix(PREFIX).partition(".")[0]
        return headers.get(HEADER) or QueryParams(scope["query_string"]).get(PARAMETER, "")

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the tenant's application answer, or say why not."""
        path = scope.get("raw_path", b"").decode("latin-1") or scope["path"]
        if path in FRONT or path.startswith("/static/"):
            await self._front(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        try:
            tenant = await self._entered(await self._admitted(scope))
        except Exception as error:
            state["refusal"] = error
            await self._front(scope, receive, send)
            return
        # Not before: until then it is what a stranger says, and the log names nothing of theirs.
        state["tenant"] = tenant.name
        try:
            await tenant.app(scope, receive, send)
        finally:
            self._rooms.left(tenant)

    async def close(self) -> None:
        """Close all workspaces."""
        self._known.close()
        self._doors.close()
        await self._rooms.close()

    async def _admitted(self, scope: Scope) -> Admitted:
        """Return the tenant that a request may ask. Raises Refusal, 401 for whatever goes wrong.

        Who asks is a stranger until then, and is told nothing of a tenant.
        """
        try:
            return await self._at_door(self.named(scope), scope)
        except Refusal:
            raise
        except Exception:
            LOGGER.exception("a door failed")
            raise refused_key() from None

    async def _at_door(self, name: str, scope: Scope) -> Admitted:
        tenants = await self._known.of("")
        if tenants is not self._seen:
            self._seen = tenants
            self._doors.keep(tenants)
            self._rooms.keep(tenants)
        quota = tenants.get(name)
        # For a name that is no tenant's the same work is done, at the door of one, and the same said.
        asked = name if quota is not None else _another(name, tenants)
        door = await self._doors.of(asked) if asked else CLOSED
        by_key = door.admits(presented(Headers(scope=scope)))
        trusted = by_key or not self._keyed or (door.keys is None and not self._needs_keys)
        if quota is None or not (trusted or door.admits_page(scope)):
            raise refused_key()
        return Admitted(name, quota, door, trusted)

    async def _entered(self, admitted: Admitted) -> Tenant:
        """Return the tenant, open, with one request more. Raises Refusal: 429, or 503 where it cannot be opened."""
        name, quota, door = admitted.name, admitted.quota, admitted.door
        wait = self._buckets.wait(name, Rate.parse(quota.rate), time.monotonic()) if quota.rate else 0
        if wait:
            raise Refusal(429, "too_often", f"the tenant may send {quota.rate}", retry_after=wait)
        self._rooms.end_other(name, quota, door.folder)
        if not door.built:
            raise Refusal(503, "not_ready", "the tenant has no workspace yet")
        try:
            # One whose door cannot be read would take the room of another for as long as it cannot be opened either.
            if door.trouble and name not in self._rooms.open:
                raise Refusal(503, "unavailable", door.trouble, retry_after=BUSY_SECONDS)
            return await self._rooms.entered(name, quota, door.folder)
        except Refusal as refusal:
            if refusal.code == "unavailable" and not admitted.trusted:
                raise Refusal(503, "unavailable", SHUT, retry_after=BUSY_SECONDS) from None
            raise

    def _read_tenants(self, _: str, before: Tenants | None) -> Tenants:
        """Return who there is, as far as that can be read; the log tells where it cannot."""
        try:
            return read_tenants(self._folder)
        except Exception:
            LOGGER.exception("the list of tenants cannot be read")
            return before or {}

    def _read_door(self, name: str, before: Door | None) -> Door:
        return door_of(place_of(self._folder, name), before)


def _another(name: str, tenants: Tenants) -> str:
    """Return a tenant, the same each time for one name; none can choose which. "" where there is no tenant."""
    # Python salts the hash of a text for each process.
    return list(tenants)[hash(name) % len(tenants)] if tenants else ""


class _Dispatcher(FastAPI):
    """What the server runs: its lifespan is the tenants', its answers are theirs."""

    def __init__(self, tenancy: Tenancy) -> None:
        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
            yield {BOUNDS: bounds_of(Service())}
            await tenancy.close()

        super().__init__(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
        self._tenancy = tenancy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "http":
            await self._tenancy.answer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
