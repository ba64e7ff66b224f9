"""Tenancy: one service for several workspaces, each with an application of its own; a request is of one tenant."""

import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from plait.errors import WrongCall
from plait.recommender import Recommender
from plait.service.access import presented, refused_key
from plait.service.app import create_app
from plait.service.connections import BOUNDS, bounds_of
from plait.service.doors import CLOSED, Door, read_door
from plait.service.front import front_of
from plait.service.keys import PREFIX
from plait.service.rates import Buckets, Rate
from plait.service.refusals import Refusal
from plait.service_settings import Service
from plait.tenants import Quota, Tenants, place_of, read_tenants

HEADER = "X-Plait-Tenant"
PARAMETER = "tenant"
"""Of an address; pages that cannot send a header name their tenant by it."""
FRESH_SECONDS = 1.0
"""For how long the list of tenants, and what is read of one that is not open, are good."""
MOST_OPEN = 16
BUSY_SECONDS = 5
FRONT = ("/", "/health", "/ready", "/v1/collect.js")


class Tenant:
    """An open workspace with its application, and how many requests it is at."""

    def __init__(self, folder: Path, name: str, quota: Quota, *, keyed: bool) -> None:
        self.recommender = Recommender.open(folder, beside=True)
        self.quota = quota
        self.app = create_app(self.recommender, keyed=keyed, tenant=name, quota=quota)
        self._inside = 0
        self._lock = threading.Lock()
        # An application within another has no life of its own: this begins and ends what its own would.
        self.app.state.serving.warmth.begin()
        self.app.state.serving.watch.begin()

    @property
    def idle(self) -> bool:
        """Whether no request is with it."""
        return not self._inside

    def enter(self) -> None:
        """Have one request more."""
        with self._lock:
            self._inside += 1

    def leave(self) -> None:
        """Have one request less. The lock is nobody's for long, so that the event loop may take it."""
        with self._lock:
            self._inside -= 1

    def close(self) -> None:
        """Let what has begun end, and give the memory back."""
        self.app.state.close()
        self.recommender.workspace.store.close()


class Tenancy:
    """Finds out whose a request is, by its key, X-Plait-Tenant or `?tenant=`, and lets the tenant's application answer.

    Workspaces are opened by the first request that may ask them something, at most `most` at once: the one asked
    longest ago that is at nothing is closed for the next. With `needs_keys` a tenant without keys answers nobody.
    """

    def __init__(self, folder: Path, *, keyed: bool, needs_keys: bool, most: int = MOST_OPEN) -> None:
        self._folder = folder
        self._keyed = keyed
        self._needs_keys = needs_keys
        self._most = most
        self._open: OrderedDict[str, Tenant] = OrderedDict()
        self._known: tuple[float, Tenants] = (float("-inf"), {})
        self._doors: dict[str, tuple[float, Door]] = {}
        self._buckets = Buckets()
        self._lock = threading.Lock()
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
        name, state = self.named(scope), scope.setdefault("state", {})
        try:
            tenant = await run_in_threadpool(self._entered, name, scope)
        except Exception as error:
            state["refusal"] = error
            await self._front(scope, receive, send)
            return
        # Not before: until then it is what a stranger says, and the log names nothing of theirs.
        state["tenant"] = name
        try:
            await tenant.app(scope, receive, send)
        finally:
            tenant.leave()

    def close(self) -> None:
        """Close all workspaces."""
        with self._lock:
            ending = list(self._open.values())
            self._open.clear()
        for tenant in ending:
            tenant.close()

    def _entered(self, name: str, scope: Scope) -> Tenant:
        """Return the open tenant of a name, with one request more. Raises Refusal, 401 for who may not ask it."""
        with self._lock:
            tenants = self._tenants()
            quota = tenants.get(name)
            # For a name that is no tenant's the same work is done, at the door of one, and the same said.
            door = self._door_of(name if quota is not None else _another(name, tenants))
            admitted = door.admits(presented(Headers(scope=scope))) or door.admits_page(scope)
            if quota is None or not (admitted or not self._keyed or (door.keys is None and not self._needs_keys)):
                raise refused_key()
            wait = self._buckets.wait(name, Rate.parse(quota.rate), time.monotonic()) if quota.rate else 0
            if wait:
                raise Refusal(429, "too_often", f"the tenant may send {quota.rate}", retry_after=wait)
            tenant = self._opened(name, quota)
            tenant.enter()
            return tenant

    def _tenants(self) -> Tenants:
        """Return who there is; who was removed is closed once they are at nothing."""
        until, known = self._known
        if time.monotonic() >= until:
            known = read_tenants(self._folder)
            self._known = (time.monotonic() + FRESH_SECONDS, known)
            self._doors = {name: kept for name, kept in self._doors.items() if name in known}
            for name in [name for name, tenant in self._open.items() if known.get(name) != tenant.quota]:
                if self._open[name].idle:
                    self._end(name)
        return known

    def _door_of(self, name: str) -> Door:
        if not name:
            return CLOSED
        until, door = self._doors.get(name, (float("-inf"), CLOSED))
        if time.monotonic() >= until:
            door = read_door(place_of(self._folder, name))
            self._doors[name] = (time.monotonic() + FRESH_SECONDS, door)
        return door

    def _opened(self, name: str, quota: Quota) -> Tenant:
        if name not in self._open:
            self._make_room()
            try:
                self._open[name] = Tenant(place_of(self._folder, name), name, quota, keyed=self._keyed)
            except WrongCall as error:
                raise Refusal(503, "not_ready", "the tenant has no workspace yet") from error
        self._open.move_to_end(name)
        return self._open[name]

    def _make_room(self) -> None:
        if len(self._open) < self._most:
            return
        idle = next((name for name, tenant in self._open.items() if tenant.idle), None)
        if idle is None:
            said = f"{len(self._open)} tenants are being answered; come again in {BUSY_SECONDS} s"
            raise Refusal(503, "not_ready", said, retry_after=BUSY_SECONDS)
        self._end(idle)

    def _end(self, name: str) -> None:
        """Close a tenant; not here, for what it began may go on for a while, and others wait for the lock."""
        threading.Thread(target=self._open.pop(name).close, name="closing").start()


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
            await run_in_threadpool(tenancy.close)

        super().__init__(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
        self._tenancy = tenancy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "http":
            await self._tenancy.answer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
