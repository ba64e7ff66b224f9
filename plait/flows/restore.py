"""Restore: a backup becomes a workspace in a new folder."""

import secrets
import shutil
from pathlib import Path
from typing import Any

from plait.archive import extract_archive
from plait.durable import sync, sync_tree
from plait.errors import BadData, WrongCall
from plait.flows.backup import UNFINISHED
from plait.workspace import STORE, Workspace


def restore(file: Path, folder: Path) -> dict[str, Any]:
    """Make the workspace of a backup in `folder`, which is new or empty; return what the backup's manifest says.

    All is checked before the folder has its name: it is there whole or not at all.
    Raises WrongCall for a file that is missing and a folder that holds anything, BadData for a broken backup and one
    that a newer Plait made.
    """
    if not file.is_file():
        raise WrongCall(f"{file} is missing; expected a file made by `plait backup`")
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongCall(f"{folder} is there already; expected a new or an empty folder")
    for left in folder.parent.glob(f".{folder.name}{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    staged = folder.with_name(f".{folder.name}{UNFINISHED}{secrets.token_hex(8)}")
    try:
        staged.mkdir(parents=True)
        manifest = extract_archive(file, staged)
        if not (staged / STORE).is_file():
            raise BadData(f"{file} is no backup of a workspace: it holds no {STORE}")
        # What a newer Plait wrote is refused here, and an older store brought up to date.
        Workspace.open(staged).store.close()
        sync_tree(staged)
        staged.rename(folder)
        sync(folder.parent)
    except OSError as error:
        raise BadData(f"{folder} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return {"workspace": str(folder), **{name: value for name, value in manifest.items() if name != "files"}}
