"""Erase: whatever a workspace knows of a user is removed, from every file of it."""

import time
from typing import Any

from plait.asked_ids import asked_id
from plait.backups import backups_of
from plait.flows.finish_erasing import finish_erasing
from plait.traces import LEAST, files_that_hold
from plait.workspace import Workspace


def erase(workspace: Workspace, user_id: str) -> dict[str, Any]:
    """Remove a user from the store, from all models and from what unfinished work left, and search for what stayed.

    `removed` counts rows by table, `models` are the numbers of those that knew the user, `backups` the files that may
    still do, `found_in` the files of the workspace that hold the id after all. What is done already is not done again,
    so an erasure that was killed is finished by another one.
    Raises BadData while another process builds or trains, and where one reads what was before, WrongCall for an id
    that cannot be one.
    """
    asked_id(user_id, "user_id")
    store = workspace.store
    with workspace.publishing() as fence:
        with store.write() as change:
            removed = change.erase_user(user_id, now=time.time())
        changed = finish_erasing(workspace, fence, user_id)
    found, notes = _found(workspace, user_id)
    if not any(removed.values()) and not changed:
        notes.append(f"user {user_id!r} is not known; nothing was removed")
    return {
        "removed": removed, "models": changed, "backups": backups_of(store), "found_in": found, "notes": notes,
    }  # fmt: skip


def _found(workspace: Workspace, user_id: str) -> tuple[list[str], list[str]]:
    """Return the files that hold an id, and notes; none are searched where finding it would say nothing."""
    others = (workspace.store.user_ids(), workspace.store.item_ids())
    if len(user_id.encode("utf-8", "surrogatepass")) < LEAST or any(user_id in one for ids in others for one in ids):
        return [], [f"{user_id!r} is short or part of other ids: the files were not searched for it"]
    found = files_that_hold(workspace.folder, user_id)
    return found, [f"{name} holds the id: it is not of Plait's making, or was opened meanwhile" for name in found]
