"""A registry of tenants for tests, whose workspaces are copies of one, and a key of each."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from plait.tenants import Quota, add_tenant
from tests.copying import copied
from tests.plait.conftest import Cli

TENANTS = ("acme", "bell")


def registry_in(folder: Path, workspace: Path, names: Sequence[str] = TENANTS, **quota: Any) -> Path:
    """Return a registry of tenants whose workspaces are copies of one."""
    for name in names:
        copied(workspace, add_tenant(folder, name, Quota(**quota)))
    return folder


def keys_in(folder: Path, cli: Cli, names: Sequence[str] = TENANTS) -> dict[str, dict[str, str]]:
    """Make a key for each tenant, and return the headers that send it."""
    told = {name: cli("keys", folder / name, "add", "shop", "--scope", "admin", "--json").out for name in names}
    return {name: {"X-API-Key": json.loads(text)["key"]} for name, text in told.items()}


def ask(client: TestClient, headers: Mapping[str, str]) -> Any:
    """Ask for some items."""
    return client.get("/v1/items", headers={"X-Request-ID": "r", **headers})
