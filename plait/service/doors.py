"""Doors: who may ask a tenant whose workspace need not be open: by its keys, or as a page of an origin it names."""

from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import Scope

from plait.errors import WrongCall
from plait.service.keys import Keys, read_keys
from plait.service_settings import Service
from plait.workspace import Workspace

COLLECT = ("POST", "/v1/collect")


@dataclass(frozen=True, slots=True)
class Door:
    """The keys of a tenant, None where none was ever made, and what its plait.toml says of pages."""

    keys: Keys | None
    settings: Service

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
    try:
        workspace = Workspace.open(folder)
    except WrongCall:
        return Door(None, Service())
    with workspace.store as store:
        return Door(read_keys(store), workspace.config.service)
