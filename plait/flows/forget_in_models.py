"""Forget in models: models as they were, but for one user."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from index import IdMap
from plait import snapshot
from plait.errors import BadData
from plait.model_files import (
    TRAINED_AS,
    Models,
    has_known_format,
    read_models,
    trained_as,
    user_ids_in,
    write_models,
)
from plait.snapshot import Snapshot
from plait.snapshot_moves import moves_of
from plait.traces import files_that_hold
from plait.workspace import Fence, Workspace
from ranker.rank import Ranker


def without_user(models: Models, user_id: str) -> Models:
    """Return the models without a user: the id, the row in the model of ratings, the taste that friends hear of.

    What they learnt of all users together stays, and so do the answers to everybody else.
    """
    row = int(models.user_ids.rows([user_id])[0])
    if row < 0:
        return models
    ratings = models.ratings
    if ratings is not None:
        ratings = replace(ratings, users=np.delete(ratings.users, row, axis=0))
    user_ids = IdMap([other for other in models.user_ids if other != user_id])
    return replace(models, ranker=_without_row(models.ranker, row), ratings=ratings, user_ids=user_ids)


def _without_row(ranker: Ranker, row: int) -> Ranker:
    if ranker.new_users is None:
        return ranker
    friends = ranker.new_users.friends
    kept = friends.rows != row
    rows = friends.rows[kept]
    left = replace(friends, rows=rows - (rows > row), tastes=friends.tastes[kept])
    return replace(ranker, new_users=replace(ranker.new_users, friends=left))


def forget_in_models(workspace: Workspace, user_id: str, fence: Fence) -> list[int]:
    """Write every model that knows a user anew without them; return their numbers. The caller holds the lease.

    The one that answers gets a new number, so that every process takes it up, and its old folder goes; the others keep
    theirs. One that cannot be read and holds the id is removed.
    """
    place, keep = workspace.models_folder, workspace.config.models.kept
    current, changed = snapshot.number_before(place), []
    # The one that answers comes first: killed after it, nothing that answers knows the user any more.
    for number in sorted(snapshot.numbers(place), key=lambda one: (one != current, one)):
        folder = snapshot.place(place, number)
        if not _knows(folder, user_id):
            continue
        changed.append(number)
        try:
            found = snapshot.read(place, number)
            models = without_user(read_models(folder), user_id) if has_known_format(folder) else None
        except BadData:
            models = None
        if models is None:
            _give_up(place, number, current, fence)
        else:
            _put(place, found, models, is_current=number == current, fence=fence, keep=keep)
    return sorted(changed)


def _knows(folder: Path, user_id: str) -> bool:
    """Return whether the model in a folder has a user; of one that cannot be read, whether its bytes hold the id."""
    known = user_ids_in(folder)
    return bool(files_that_hold(folder, user_id)) if known is None else user_id in known


def _put(place: Path, found: Snapshot, models: Models, *, is_current: bool, fence: Fence, keep: int) -> None:
    def write(folder: Path) -> None:
        write_models(folder, models)

    if not is_current:
        snapshot.rewrite(found, write, fence)
        return
    # What was learnt online since that training goes on to be added.
    details = {**found.details, "made_by": "erase", "from": found.number, TRAINED_AS: trained_as(found)}
    promoted = found.number in moves_of(place, found.number, [found.number]).promoted
    new = snapshot.publish(
        place, write, sequence=found.sequence, encoders=found.encoders, details=details, fence=fence, keep=keep
    ).number  # fmt: skip
    if promoted:
        with fence():
            past = moves_of(place, new, snapshot.numbers(place)).before
            snapshot.point(place, new, before=past, promoted=True)
    if found.path.exists():
        snapshot.remove(place, found.number)


def _give_up(place: Path, number: int, current: int | None, fence: Fence) -> None:
    with fence():
        if number == current:
            (place / snapshot.POINTER).unlink()
        shutil.rmtree(snapshot.place(place, number))
