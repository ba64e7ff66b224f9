"""Lease: one holder at a time for work that must not be done twice at once."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from plait.errors import BadData
from plait.store.holder import is_gone
from plait.store.schema import leases


class LostLease(BadData):
    """Another process has taken the lease over; any other refusal says nothing of who holds it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was taken; `token` grows with every taking, so that a late holder can be told."""

    name: str
    owner: str
    token: int


def take(connection: Connection, name: str, *, owner: str, seconds: float, now: float) -> Lease | None:
    """Take the lease for `seconds`, inside a writing transaction; None while another holds it.

    It is free when it was released, when it has expired, and when its holder is a process that is gone.
    """
    row = connection.execute(select(leases).where(leases.c.name == name)).mappings().first()
    if row is not None and row["owner"] and row["expires"] > now and not is_gone(row["owner"]):
        return None
    token = 1 if row is None else row["token"] + 1
    connection.execute(delete(leases).where(leases.c.name == name))
    connection.execute(insert(leases).values(name=name, owner=owner, token=token, expires=now + seconds))
    return Lease(name, owner, token)


def holds(connection: Connection, lease: Lease) -> bool:
    """Whether nobody has taken the lease since; an expired one that nobody took still holds."""
    row = connection.execute(select(leases.c.token, leases.c.owner).where(leases.c.name == lease.name)).first()
    return row is not None and tuple(row) == (lease.token, lease.owner)


def renew(connection: Connection, lease: Lease, *, seconds: float, now: float) -> bool:
    """Let the lease expire `seconds` from now; False when it was lost to another holder."""
    if not holds(connection, lease):
        return False
    connection.execute(update(leases).where(leases.c.name == lease.name).values(expires=now + seconds))
    return True


def release(connection: Connection, lease: Lease) -> None:
    """Give the lease back, if it was not lost; the row stays, for the token."""
    mine = (leases.c.name == lease.name) & (leases.c.token == lease.token)
    connection.execute(update(leases).where(mine).values(owner="", expires=0.0))


def free_gone(connection: Connection) -> list[str]:
    """Give back the leases of holders that are surely gone, inside a writing transaction; return their names."""
    held = connection.execute(select(leases.c.name, leases.c.owner).where(leases.c.owner != "")).all()
    gone = [name for name, owner in held if is_gone(owner)]
    connection.execute(update(leases).where(leases.c.name.in_(gone)).values(owner="", expires=0.0))
    return gone
