"""Tenants: a folder that holds the workspaces of several, a file that names them, and a lock under which it changes."""

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plait.durable import replace_text, sync
from plait.errors import BadData, WrongCall

FILE = "tenants.json"
LOCK = "tenants.lock"
FORMAT = 1
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
BEGUN = frozenset({LOCK, f"{FILE}.new"})
"""What a first `add` may have left, that was killed before it named anybody."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What a tenant may hold and ask; 0, and "" for the rate, are no bound."""

    items: int = 0
    events: int = 0
    bytes: int = 0
    rate: str = ""


UNBOUNDED = Quota()
Tenants = Mapping[str, Quota]
"""By name."""
Identity = tuple[int, int]
"""Of a folder: the numbers of its disk and of itself there, which no other has as long as it is there."""


def is_registry(folder: Path) -> bool:
    """Return whether a folder holds tenants."""
    return (folder / FILE).is_file()


def read_tenants(folder: Path) -> Tenants:
    """Return who there is. Raises WrongCall where the folder is no registry, BadData where its file is broken."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise BadData(f"{folder / FILE} has the format {told['format']}; expected {FORMAT}")
        return {name: Quota(**quota) for name, quota in told["tenants"].items() if NAME.fullmatch(name)}
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WrongCall(f"{folder} holds no tenants; `plait tenants {folder} add NAME` begins") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadData(f"{folder / FILE} cannot be read as a list of tenants") from error


def place_of(folder: Path, name: str) -> Path:
    """Return the folder of a tenant's workspace."""
    return folder / name


def identity_of(folder: Path | int) -> Identity | None:
    """Return which folder stands at a place, or is open, None for none: one of the same name may take its place."""
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def tenant_of(workspace: Path) -> str:
    """Return which tenant a workspace is, "" where it is none's."""
    folder = workspace.resolve()
    return folder.name if is_registry(folder.parent) and folder.name in read_tenants(folder.parent) else ""


def add_tenant(folder: Path, name: str, quota: Quota) -> Path:
    """Name a tenant, or change the quota of one; return the folder of the workspace, which `plait build` makes.

    Raises WrongCall for no name, and where something else has the place already.
    """
    if not NAME.fullmatch(name):
        raise WrongCall(f"{name!r} is no name of a tenant; expected up to 63 of a-z, 0-9 and -")
    # What is there is looked at first: a first `add` that goes on meanwhile names its tenant before it makes a folder.
    if folder.exists() and _has_other(folder) and not is_registry(folder):
        raise WrongCall(f"{folder} holds something else; expected a new folder, or one with {FILE}")
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        known = read_tenants(folder) if is_registry(folder) else {}
        place = place_of(folder, name)
        if name not in known and place.exists():
            raise WrongCall(f"{place} is there already and no tenant's; expected a name without a folder")
        # In this order: one that is killed in between can be done again.
        _write(folder, {**known, name: quota})
        place.mkdir(exist_ok=True)
    return place


def remove_tenant(folder: Path, name: str) -> Path:
    """Name a tenant no more and move the workspace aside, within the registry; return where. Raises WrongCall."""
    # A folder that is no registry is left as it is, without a lock of ours.
    read_tenants(folder)
    with _locked(folder):
        known = dict(read_tenants(folder))
        if known.pop(name, None) is None:
            raise WrongCall(f"there is no tenant {name!r}")
        _write(folder, known)
        place = place_of(folder, name)
        aside = folder / f".removed-{name}-{time.time_ns()}"
        # What is linked to from here is not of our making: the link moves, and nothing behind it.
        if place.is_symlink() or place.exists():
            place.rename(aside)
            sync(folder)
    return aside


def _has_other(folder: Path) -> bool:
    return not folder.is_dir() or not BEGUN.issuperset(path.name for path in folder.iterdir())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / LOCK).open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _write(folder: Path, tenants: Tenants) -> None:
    told: dict[str, Any] = {"format": FORMAT, "tenants": {name: asdict(quota) for name, quota in tenants.items()}}
    replace_text(folder / FILE, json.dumps(told, indent=1, sort_keys=True) + "\n")
