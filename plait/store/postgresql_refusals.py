"""What PostgreSQL refuses, in one line that holds no value of anybody's."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError

from plait.errors import BadData

BUSY_SECONDS = 60.0
DAMAGED = "the database is damaged"
STOPPING = "the server is stopping or starting; try again when it is up"
SLOW = f"the server took longer than {BUSY_SECONDS:g} seconds for a statement; try again"
REFUSALS = {
    "25006": "the server is read-only, as a standby is; expected one that may be written to",
    "28000": "the server refuses the user",
    "28P01": "the server refuses the password",
    "3D000": "the database is missing; expected one that was made by `createdb`",
    "42501": "the user may not do that",
    "53100": "the disk of the server is full; nothing was stored",
    "53300": "the server has no connection left; try again, or let it have more",
    "55P03": f"another process has been writing for {BUSY_SECONDS:g} seconds; try again when it is done",
    "57014": SLOW,
    "57P01": STOPPING,
    "57P02": STOPPING,
    "57P03": STOPPING,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
"""What to say for an SQLSTATE."""


@contextmanager
def refusals(place: str) -> Iterator[None]:
    """Raise BadData, one line, for what the server or the way to it refuses."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise BadData(f"{place}: {_said(cause)}") from error
    except UnicodeEncodeError as error:
        raise BadData(f"{place}: {error.object!r} is not Unicode text; nothing was stored") from error


def _said(cause: BaseException | None) -> str:
    if not isinstance(cause, psycopg.Error):
        return " ".join(str(cause).split())
    known, primary = REFUSALS.get(cause.sqlstate or ""), cause.diag.message_primary
    if known is not None:
        # What is damaged, or may not be done, the server says better.
        return f"{known} ({primary})" if primary and known in (DAMAGED, REFUSALS["42501"]) else known
    if isinstance(cause, psycopg.DataError) and cause.sqlstate is None:
        return "a text holds a NUL, which PostgreSQL does not keep; nothing was stored"
    if cause.sqlstate is None:
        return f"the server cannot be reached, or was lost meanwhile ({' '.join(str(cause).split())})"
    return primary or " ".join(str(cause).split())
