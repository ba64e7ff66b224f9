"""Restore: a backup becomes a workspace in a new folder."""

import secrets
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from plait.archive import extract_archive
from plait.config import FILE as CONFIG
from plait.durable import refusal, sync, sync_tree
from plait.errors import BadData, WrongCall
from plait.flows.backup import UNFINISHED
from plait.store import Store
from plait.store.url import store_url
from plait.store_settings import settings_of, with_store
from plait.workspace import STORE, Workspace


def restore(file: Path, folder: Path, *, store: str | None = None) -> dict[str, Any]:
    """Make the workspace of a backup in `folder`, which is new or empty; return what the backup's manifest says.

    With `store`, a URL, the rows go to that database, where no store may be. All is checked before the folder has its
    name: it is there whole or not at all.
    Raises WrongCall for a file that is missing, a folder that holds anything and a URL that is none, BadData for a
    broken backup, one that a newer Plait made, and a database that refuses.
    """
    url = None if store is None else store_url(store)
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
        opened = Workspace.open(staged).store
        if url is None:
            opened.close()
            _put(staged, folder)
        else:
            # The folder first: what is killed between the two leaves nobody's rows in the database.
            _put_beside(staged, folder, opened, url)
    except OSError as error:
        raise BadData(f"{folder} cannot be written: {refusal(error)}") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return {"workspace": str(folder), **{name: value for name, value in manifest.items() if name != "files"}}


def _put_beside(staged: Path, folder: Path, opened: Store, url: URL) -> None:
    """Put the rows into the database and the other files into the folder, both or neither."""
    try:
        with opened, opened.copied(url):
            _leave_store(staged, url)
            _put(staged, folder)
    except BaseException:
        if not staged.exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _leave_store(staged: Path, url: URL) -> None:
    """Let the settings name the database in which the rows are now, in the place of the file."""
    for left in staged.glob(f"{STORE}*"):
        left.unlink()
    file = staged / CONFIG
    said = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(with_store(said, settings_of(url)), encoding="utf-8")


def _put(staged: Path, folder: Path) -> None:
    sync_tree(staged)
    staged.rename(folder)
    sync(folder.parent)
