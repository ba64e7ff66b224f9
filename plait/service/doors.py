"""Doors: who may ask a tenant whose workspace need not be open: by its keys, or as a page of an origin it names."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import Scope

from plait.config import read_config
from plait.errors import BadData, WrongCall
from plait.service.keys import Keys, read_keys
from plait.service.logs import without_quoted
from plait.service.scopes import COLLECT
from plait.service_settings import Service
from plait.store_settings import StoreSettings
from plait.tenants import Identity, identity_of
from plait.workspace import STORE, Workspace

LOGGER = logging.getLogger("plait.service")
SHUT = "the tenant cannot be opened now; the log of the service says why"


@dataclass(frozen=True, slots=True)
class Door:
    """The keys of a tenant, None where none was ever made, and what its plait.toml says of pages."""

    keys: Keys | None
    settings: Service
    folder: Identity | None = None
    """Which folder it is the door of."""
    built: bool = True
    """Whether there is a workspace behind it."""
    trouble: str = ""
    """Why it could not be read when that was last tried, "" where it could."""

    def admits(self, key: str) -> bool:
        """Return whether a key is the tenant's; where there are none the same work is done."""
        return (self.keys or NOBODY).named(key) is not None

    def admits_page(self, scope: Scope) -> bool:
        """Return whether a page may send this without a key: what it collects, the question that browsers ask first.

        The tenant's application checks the rest, as it does for a service of one workspace.
        """
        headers = Headers(scope=scope)
        if (scope["method"], scope["path"]) == COLLECT:
            named = self.settings.collect_origins
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            named = self.settings.origins
        else:
            return False
        return "*" in named or headers.get("origin", "") in named


NOBODY = Keys("00", {})
CLOSED = Door(NOBODY, Service())
"""The door of a name that is no tenant's."""


def read_door(folder: Path) -> Door:
    """Return the door of a workspace that is not open; where none was built yet it has no keys."""
    # Before anything is read: a folder that takes its place meanwhile is another one the next time.
    identity = identity_of(folder)
    try:
        workspace = Workspace.open(folder)
    except WrongCall:
        if (folder / STORE).is_file() or read_config(folder).store != StoreSettings():
            raise
        return Door(None, Service(), identity, built=False)
    with workspace.store as store:
        return Door(read_keys(store), workspace.config.service, identity)


def door_of(folder: Path, before: Door | None) -> Door:
    """Return the door of a tenant, with its `trouble` where it cannot be read; the log tells that.

    It is then the one `before`, if that was of the same folder, and else one that admits nobody: who could not be
    asked for a key yet is told no more than a stranger.
    """
    identity = identity_of(folder)
    try:
        return read_door(folder)
    except Exception as error:
        told_of(folder.name, "a tenant's door cannot be read", error)
        # A folder that cannot be looked at is not known to be another one.
        if before is None or identity not in (None, before.folder):
            before = replace(CLOSED, folder=identity)
        return replace(before, trouble=reason_of(error))


def reason_of(error: Exception) -> str:
    """Return what the tenant's own callers are told of an error: nothing of one that nobody expected."""
    return str(error) if isinstance(error, WrongCall | BadData) else SHUT


def told_of(tenant: str, what: str, error: Exception) -> None:
    """Log what went wrong with a tenant, for who runs it: strangers are told nothing of it."""
    LOGGER.warning(what, extra={"fields": {"tenant": tenant, "said": without_quoted(str(error))}}, exc_info=error)
