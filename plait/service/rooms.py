"""Rooms: tenants that are open, so many at most with those that open or close; who has none waits a while for one."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from plait.service import readings
from plait.service.doors import reason_of, told_of
from plait.service.readings import BUSY_SECONDS, come_again, one_more
from plait.service.refusals import Refusal
from plait.service.tenant import Tenant
from plait.tenants import Identity, Quota, place_of

LOOK_SECONDS = 0.02
"""How long who needs a room waits between two looks for one."""


class Rooms:
    """Opens and closes tenants by threads of its own; who waits for one holds none. To be used by one event loop.

    The one asked longest ago that is at nothing is closed for the next. One that is `ended` while it is at something is
    asked nothing more, and closed when that is done.
    """

    def __init__(self, folder: Path, most: int, *, keyed: bool) -> None:
        self.open: OrderedDict[str, Tenant] = OrderedDict()
        """By name, the one asked longest ago first."""
        self.most = most
        self._folder = folder
        self._keyed = keyed
        self._opening: dict[str, asyncio.Task[Refusal | None]] = {}
        self._leaving = set[Tenant]()
        """What is ended, and not closed: requests are with it."""
        self._closing = set[asyncio.Task[None]]()
        self._failed: dict[str, tuple[float, Refusal]] = {}
        self._waiting = Counter[str]()
        self._given = 0
        """Rooms of those that are being opened."""
        self._asking = 0
        """How many are to be opened and have no room yet."""
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="rooms")

    @property
    def taken(self) -> int:
        """How many rooms are not free."""
        return len(self.open) + len(self._leaving) + len(self._closing) + self._given

    async def entered(self, name: str, quota: Quota, folder: Identity | None) -> Tenant:
        """Return a tenant with one request more; it is opened where it is not, from the folder that it has by now.

        Raises Refusal, 503: `unavailable` where it cannot be opened, `not_ready` where that takes too long, where
        too many wait for it, or where all rooms are taken by tenants that are at something.
        """
        with one_more(self._waiting, name):
            until = time.monotonic() + readings.WAIT_SECONDS
            while (tenant := self.open.get(name)) is None:
                await self._opened(name, quota, folder, until)
            self.open.move_to_end(name)
            tenant.enter()
            return tenant

    def left(self, tenant: Tenant) -> None:
        """Let a tenant have one request less."""
        tenant.leave()
        if tenant in self._leaving and tenant.idle:
            self._leaving.remove(tenant)
            self._close(tenant)

    def end_other(self, name: str, quota: Quota, folder: Identity | None) -> None:
        """End the tenant of a name that has another quota, or is of another folder."""
        tenant = self.open.get(name)
        if tenant is not None and (tenant.quota, tenant.folder) != (quota, folder):
            self._end(name)

    def keep(self, names: Collection[str]) -> None:
        """End the tenants of other names."""
        for name in [name for name in self.open if name not in names]:
            self._end(name)
        for name in [name for name in self._failed if name not in names]:
            del self._failed[name]

    async def close(self) -> None:
        """Close all, once those that are being opened are open."""
        while self._opening:
            await asyncio.wait(self._opening.values())
        for tenant in (*self.open.values(), *self._leaving):
            self._close(tenant)
        self.open.clear()
        self._leaving.clear()
        while self._closing:
            await asyncio.wait(self._closing)
        self._threads.shutdown(wait=False)

    async def _opened(self, name: str, quota: Quota, folder: Identity | None, until: float) -> None:
        """Wait until a tenant was opened. Raises Refusal."""
        opening = self._opening.get(name)
        if opening is None:
            good_until, refusal = self._failed.get(name, (float("-inf"), come_again()))
            if time.monotonic() < good_until:
                raise _anew(refusal)
            opening = self._opening[name] = asyncio.create_task(self._open(name, quota, folder))
        done, _ = await asyncio.wait([opening], timeout=until - time.monotonic())
        if not done:
            raise come_again()
        if (failed := opening.result()) is not None:
            raise _anew(failed)

    async def _open(self, name: str, quota: Quota, folder: Identity | None) -> Refusal | None:
        """Open a tenant, or return why not."""
        try:
            if (refused := await self._room()) is not None:
                return refused
            place = place_of(self._folder, name)
            opened = partial(Tenant, place, name, quota, folder, keyed=self._keyed)
            try:
                self.open[name] = await asyncio.get_running_loop().run_in_executor(self._threads, opened)
            finally:
                self._given -= 1
        except Exception as error:
            told_of(name, "a tenant cannot be opened", error)
            refusal = Refusal(503, "unavailable", reason_of(error), retry_after=BUSY_SECONDS)
            self._failed[name] = (time.monotonic() + readings.FRESH_SECONDS, refusal)
            return refusal
        finally:
            del self._opening[name]
        return None

    async def _room(self) -> Refusal | None:
        """Take a room, for which another tenant is closed if need be, or return why there is none."""
        until = time.monotonic() + readings.WAIT_SECONDS
        self._asking += 1
        try:
            while self.taken >= self.most:
                if len(self._closing) < self._asking:
                    self._end_idle()
                if time.monotonic() >= until:
                    said = f"{self.taken} tenants are being answered; come again in {BUSY_SECONDS} s"
                    return Refusal(503, "not_ready", said, retry_after=BUSY_SECONDS)
                # One may become idle, or close.
                await asyncio.sleep(LOOK_SECONDS)
            self._given += 1
            return None
        finally:
            self._asking -= 1

    def _end_idle(self) -> None:
        idle = (name for name, tenant in self.open.items() if tenant.idle and not self._waiting[name])
        if (name := next(idle, None)) is not None:
            self._end(name)

    def _end(self, name: str) -> None:
        tenant = self.open.pop(name)
        if tenant.idle:
            self._close(tenant)
        else:
            self._leaving.add(tenant)

    def _close(self, tenant: Tenant) -> None:
        """Close a tenant; not here, for what it began may go on for a while, and others wait for the loop."""
        closing = asyncio.create_task(self._closed(tenant))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _closed(self, tenant: Tenant) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, tenant.close)
        except Exception as error:
            told_of(tenant.name, "a tenant cannot be closed", error)


def _anew(refusal: Refusal) -> Refusal:
    """Return the same refusal for another request: one that is raised twice would keep what was around it."""
    return Refusal(refusal.status, refusal.code, refusal.message, headers=refusal.headers)
