"""Backup: a workspace into one file, while it is used."""

import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from plait import snapshot
from plait.archive import write_archive
from plait.backups import drop_backup, note_backup
from plait.config import FILE as CONFIG
from plait.durable import refusal, replace_text, sync
from plait.errors import BadData, WrongCall
from plait.snapshot_moves import Moves, moves_of, note_move
from plait.store import Store
from plait.store_settings import StoreSettings, with_store
from plait.vector_cache_file import CACHE_FILE, copy_cache
from plait.workspace import MODELS, STORE, Workspace

UNFINISHED = ".unfinished-"
TRIES = 20
"""How often a snapshot that is retired while it is copied is followed by the next one."""


def backup(workspace: Workspace, file: Path, *, vectors: bool = True) -> dict[str, Any]:
    """Make `file` of what the workspace holds now: store, settings, the snapshots that answer, and raw `vectors`.

    Others go on reading and writing. The snapshots are copied first, so that the store contains all that they do. The
    file is there whole or not at all; the workspace remembers it, for `erase` to name.
    Raises WrongCall where `file` is there already, BadData where something is broken or the disk refuses.
    """
    file = file.absolute()
    if file.exists():
        raise WrongCall(f"{file} is there already; expected the name of a new file")
    if not file.parent.is_dir():
        raise WrongCall(f"{file.parent} is no folder")
    for left in file.parent.glob(f"{file.name}{UNFINISHED}*"):
        _remove(left)
    staged = file.with_name(f"{file.name}{UNFINISHED}{secrets.token_hex(8)}")
    # Not `.tar`: who keeps all archives of a folder must not keep what a killed one left.
    packed = staged.with_name(f"{staged.name}-packed")
    # Noted first: an erasure meanwhile names the file, whichever of the two is done before.
    note_backup(workspace.store, file)
    try:
        staged.mkdir()
        says = _consistent(workspace, staged, vectors=vectors)
        write_archive(staged, packed, says)
        size = packed.stat().st_size
        _put(packed, file)
    except BaseException as error:
        with suppress(BadData):
            drop_backup(workspace.store, file)
        if isinstance(error, OSError):
            raise BadData(f"{file} cannot be written: {refusal(error)}") from error
        raise
    finally:
        _remove(staged)
        _remove(packed)
    return {"file": str(file), "bytes": size, **says}


def _consistent(workspace: Workspace, staged: Path, *, vectors: bool) -> dict[str, Any]:
    """Copy all into a folder and return what the manifest says; again where somebody was erased meanwhile."""
    for _ in range(TRIES):
        erased = workspace.store.erased()
        shutil.rmtree(staged)
        staged.mkdir()
        numbers = {name: _copy_current(place, staged) for name, place in workspace.snapshots.items()}
        if (workspace.folder / CONFIG).exists():
            # Where the store is goes with the machine, not with the copy: one restored must not write to this one.
            settings = (workspace.folder / CONFIG).read_text(encoding="utf-8-sig")
            (staged / CONFIG).write_text(with_store(settings, StoreSettings()), encoding="utf-8")
        if vectors and (workspace.folder / CACHE_FILE).exists():
            copy_cache(workspace.folder / CACHE_FILE, staged / CACHE_FILE)
        workspace.store.copy_to(staged / STORE)
        with Store.open(staged / STORE) as copy:
            sequence, same = copy.sequence(), copy.erased() == erased
        _without_log(staged / STORE)
        if same:
            return {"created_at": time.time(), "sequence": sequence, **numbers}
    raise BadData(f"{workspace.folder}: users were erased again and again meanwhile; try again")


def _copy_current(folder: Path, staged: Path) -> int | None:
    """Copy the snapshot that answers, checked, and return its number; the next one where it is retired meanwhile."""
    for _ in range(TRIES):
        found = snapshot.current(folder)
        if found is None:
            return None
        moves = moves_of(folder, found.number, snapshot.numbers(folder))
        problems = _copy(folder, found.number, staged / folder.name)
        if problems is None:
            continue
        if problems:
            raise BadData(f"{found.path} is broken and not backed up: `plait check --repair` mends it")
        if folder.name == MODELS:
            _copy_past(folder, staged / folder.name, found.number, moves)
        replace_text(staged / folder.name / snapshot.POINTER, str(found.number))
        return found.number
    raise BadData(f"{folder}: snapshots were replaced again and again meanwhile; try again")


def _copy_past(folder: Path, staged: Path, current: int, moves: Moves) -> None:
    """Copy the models that a rollback would go to and those that were promoted, and note which are which.

    Those that are broken or were retired meanwhile are left out: a rollback would pass them over.
    """
    there = {current}
    for number in {*moves.before, *moves.promoted} - there:
        if _copy(folder, number, staged) == []:
            there.add(number)
        else:
            _remove(snapshot.place(staged, number))
    past = [number for number in moves.before if number in there]
    pinned = Moves(promoted=tuple(number for number in moves.promoted if number in there))
    if past or pinned.promoted:
        note_move(staged, None, current, pinned, before=past, promoted=False)


def _copy(folder: Path, number: int, staged: Path) -> list[str] | None:
    """Copy a snapshot and return what is wrong with the copy, None where it was retired meanwhile."""
    source, copied = snapshot.place(folder, number), snapshot.place(staged, number)
    try:
        shutil.copytree(source, copied)
    except OSError:
        _remove(copied)
        if source.exists():
            raise
        return None
    try:
        return snapshot.verify(snapshot.read(staged, number))
    except BadData as error:
        return [str(error)]


def _without_log(path: Path) -> None:
    """Remove the companions that opening the copy of a store left beside it; they are empty when it is closed."""
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)


def _put(packed: Path, file: Path) -> None:
    """Give the finished file its name, unless one has it by now."""
    try:
        os.link(packed, file)
    except FileExistsError as error:
        raise WrongCall(f"{file} is there already; expected the name of a new file") from error
    sync(file.parent)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
