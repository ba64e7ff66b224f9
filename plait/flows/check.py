"""Check: whether store, snapshots and cache are whole and agree."""

from pathlib import Path

import numpy as np

from index import LiveView, Rows
from plait import snapshot
from plait.config import FILE
from plait.errors import BadData
from plait.live import Live
from plait.rules.checks import workspace_problems
from plait.snapshot_moves import has_moved
from plait.vector_cache_file import CACHE_FILE, cache_problems
from plait.workspace import Workspace


def check(folder: Path) -> list[str]:
    """Return one line for each problem, none for a sound workspace. Raises WrongCall where there is no workspace."""
    try:
        workspace = Workspace.open(folder)
    except BadData as error:
        return [str(error)]
    problems = store_problems(workspace)
    if not problems:
        for place in workspace.snapshots.values():
            problems += snapshot_problems(workspace, place)
        problems += cache_problems(folder / CACHE_FILE)
    if problems or (not workspace.store.item_count() and snapshot.current(workspace.index_folder) is None):
        return problems
    index, rules = agreement(workspace)
    return [*index, *rules]


def store_problems(workspace: Workspace) -> list[str]:
    """Return what is wrong with the store itself."""
    store = workspace.store
    problems = store.problems()
    if not problems and (gap := store.gap()):
        problems.append(f"{store.place} counts {store.sequence()} changes and holds {gap} more, which nobody follows")
    if not problems and store.is_erasing():
        problems.append(f"{workspace.folder}: an erasure was left before its end: other files may hold who was erased")
    return problems


def snapshot_problems(workspace: Workspace, place: Path) -> list[str]:
    """Return what is wrong with the snapshot that CURRENT names in `place`, and with CURRENT."""
    try:
        found = snapshot.current(place)
    except BadData as error:
        return [str(error)]
    if found is None:
        # A first snapshot whose writer was killed before the end has never counted.
        lost = snapshot.numbers(place) and (has_moved(place) or len(snapshot.numbers(place)) > 1)
        return [f"{place / snapshot.POINTER} is missing and there are snapshots"] if lost else []
    problems = snapshot.verify(found)
    if found.sequence > workspace.store.sequence():
        end = workspace.store.sequence()
        problems.append(f"{found.path} contains change {found.sequence}, the store ends at {end}")
    return problems


def agreement(workspace: Workspace) -> tuple[list[str], list[str]]:
    """Return what differs between the items of the store and those that answers see, and what is wrong with rules."""
    if snapshot.current(workspace.index_folder) is None:
        return [f"{workspace.folder} has items and no index: run `plait build` again"], []
    try:
        moment = Live(workspace).refresh()
    except (BadData, ValueError) as error:
        return [str(error)], []
    index = moment.index
    stored = set(workspace.store.item_ids())
    seen = {item_id for item_id, alive in zip(index.item_ids(_all_rows(index)), index.alive, strict=True) if alive}
    problems = [f"item {item_id!r} is stored and not in the index" for item_id in sorted(stored - seen)[:5]]
    problems += [f"item {item_id!r} is in the index and not stored" for item_id in sorted(seen - stored)[:5]]
    return problems, [f"{FILE}, rules.{wrong}" for wrong in workspace_problems(moment, workspace.config.rules)]


def _all_rows(index: LiveView) -> Rows:
    return np.arange(index.row_count)
