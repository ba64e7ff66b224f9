"""Lease: one holder at a time for work that must not be done twice at once."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from plait.store import schema

Writing = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was taken; `token` grows with every taking, so that a late holder can be told."""

    name: str
    owner: str
    token: int


def take(connection: Connection, name: str, owner: str, seconds: float) -> Lease | None:
    """Take the lease for `seconds`, inside a writing transaction; None while another holds it."""
    table, now = schema.leases, time.time()
    row = connection.execute(select(table).where(table.c.name == name)).mappings().first()
    if row is not None and row["expires"] > now and row["owner"] not in ("", owner):
        return None
    token = (row["token"] if row is not None else 0) + 1
    connection.execute(delete(table).where(table.c.name == name))
    connection.execute(insert(table).values(name=name, owner=owner, token=token, expires=now + seconds))
    return Lease(name, owner, token)


def renew(connection: Connection, lease: Lease, seconds: float) -> bool:
    """Extend the lease; False when it was lost to another holder."""
    table = schema.leases
    mine = (table.c.name == lease.name) & (table.c.token == lease.token)
    changed = connection.execute(table.update().where(mine).values(expires=time.time() + seconds))
    return changed.rowcount == 1


def release(connection: Connection, lease: Lease) -> None:
    """Give the lease back; the row stays, for the token."""
    table = schema.leases
    mine = (table.c.name == lease.name) & (table.c.token == lease.token)
    connection.execute(table.update().where(mine).values(owner="", expires=0.0))


class Heartbeat:
    """Renews a lease from a thread while a long piece of work goes on."""

    def __init__(self, writing: Writing, lease: Lease, seconds: float) -> None:
        """Renew every third of `seconds` until `stop`."""
        self._stopped = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._beat, args=(writing, lease, seconds), daemon=True)
        self._thread.start()

    def _beat(self, writing: Writing, lease: Lease, seconds: float) -> None:
        while not self._stopped.wait(seconds / 3):
            with writing() as connection:
                if not renew(connection, lease, seconds):
                    self._lost = True
                    return

    @property
    def lost(self) -> bool:
        """Whether another holder has taken the lease over."""
        return self._lost

    def stop(self) -> None:
        """Stop renewing."""
        self._stopped.set()
        self._thread.join()
