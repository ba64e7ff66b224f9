"""URL: where a store lies that is no file of the workspace, and what may be said of it."""

import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from plait.errors import WrongCall

DRIVER = "postgresql+psycopg"
DRIVERS = ("postgresql", "postgres", DRIVER)
SCHEMA = "plait"
"""Where the tables are unless another schema is named."""
NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
EXPECTED = "expected postgresql+psycopg://USER@HOST:PORT/DATABASE?schema=SCHEMA"


def store_url(text: str, schema: str = "") -> URL:
    """Return the URL of a store, which names a schema: `schema`, or its own, or the usual one.

    Raises WrongCall, without what came, in which there may be a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise WrongCall(f"the URL of the store cannot be read; {EXPECTED}") from None
    if url.drivername not in DRIVERS:
        raise WrongCall(f"the URL of the store begins with {url.drivername}://; {EXPECTED}")
    if not url.database:
        raise WrongCall(f"the URL of the store names no database; {EXPECTED}")
    named = schema or url.query.get("schema", SCHEMA)
    if not isinstance(named, str) or not NAME.fullmatch(named):
        raise WrongCall(
            f"the schema of the store is {named!r:.80}; expected a name of small letters, digits and _, not pg_..."
        )
    return url.set(drivername=DRIVER).update_query_dict({"schema": named})


def place_of(url: URL) -> str:
    """Return what messages call the place of a store: no password is in it, nor any other parameter."""
    shown = URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port, database=url.database,
        query={"schema": schema_of(url)},
    )  # fmt: skip
    return shown.render_as_string()


def without_password(url: URL) -> str:
    """Return a URL as it may be written down: all but the password and the schema."""
    kept = url.difference_update_query(["schema", "password", "sslpassword"])
    return URL.create(
        kept.drivername, username=kept.username, host=kept.host, port=kept.port, database=kept.database,
        query=kept.query,
    ).render_as_string()  # fmt: skip


def schema_of(url: URL) -> str:
    """Return the schema that a URL of `store_url` names."""
    return str(url.query["schema"])
