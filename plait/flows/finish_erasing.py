"""Finish erasing: once a user's rows are deleted, no other file may hold the id."""

import shutil

from plait import snapshot
from plait.errors import BadData
from plait.flows.forget_in_models import forget_in_models
from plait.flows.train import TRAINING
from plait.model_files import user_ids_in
from plait.snapshot_damage import drop_set_aside
from plait.workspace import Fence, Workspace


def finish_erasing(workspace: Workspace, fence: Fence, *user_ids: str) -> list[int]:
    """Forget users, and those whose erasure was left before its end, in all files; return the models that knew them.

    The caller holds the lease. Raises BadData where another process reads what was before.
    """
    store = workspace.store
    shutil.rmtree(workspace.models_folder / TRAINING, ignore_errors=True)
    for place in (workspace.index_folder, workspace.models_folder):
        snapshot.tidy(place)
        drop_set_aside(place)
    left = erased_in_models(workspace) if store.is_erasing() else set()
    changed = {number for user_id in {*user_ids, *left} for number in forget_in_models(workspace, user_id, fence)}
    if not store.forget_deleted():
        raise BadData(
            f"{store.place}: another process reads what was before, so it cannot be wiped from the file yet; "
            "erase once more when it is done"
        )
    if store.is_erasing():
        with store.write() as change:
            change.end_erasing()
    return sorted(changed)


def erased_in_models(workspace: Workspace) -> set[str]:
    """Return users whom models still know, learnt before they were erased: the store keeps only hashes of them."""
    place, found = workspace.models_folder, set()
    for number in snapshot.numbers(place):
        try:
            sequence = snapshot.read(place, number).sequence
        except BadData:
            sequence = 0
        known = user_ids_in(snapshot.place(place, number)) or []
        found |= {user_id for user_id in known if workspace.store.erasure_of(user_id) > sequence}
    return found
