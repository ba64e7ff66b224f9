"""Backup and restore: while others write, whole or not at all, and the same workspace afterwards."""

import errno
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plait import snapshot
from plait.archive import write_archive
from plait.backups import backups_of, note_backup
from plait.config import FILE as CONFIG
from plait.errors import BadData, WrongCall
from plait.flows.backup import backup
from plait.flows.check import check
from plait.flows.erase import erase
from plait.flows.models import models, promote, rollback
from plait.flows.restore import restore
from plait.flows.status import status
from plait.recommender import Recommender
from plait.store import Change, Store
from plait.traces import files_that_hold
from plait.workspace import COMPACTOR, Workspace
from tests.plait import toy
from tests.plait.flows.keeping import flip, publish_again, scores


def test_backups_that_are_noted_at_once_are_all_remembered(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, write = Workspace.open(own).store, Workspace.open(own).store, Store.write

    @contextmanager
    def late(self: Store) -> Iterator[Change]:
        # The other one comes between the call and the write lock.
        monkeypatch.setattr(Store, "write", write)
        note_backup(other, tmp_path / "b.tar")
        with write(self) as change:
            yield change

    monkeypatch.setattr(Store, "write", late)
    note_backup(one, tmp_path / "a.tar")
    assert backups_of(one) == [str(tmp_path / "b.tar"), str(tmp_path / "a.tar")]


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"workspace"}


def test_what_comes_back_is_the_same(own: Path, tmp_path: Path) -> None:
    recommender = Recommender.open(own)
    recommender.remove_items(["space-0", "space-1"])
    recommender.record([{"user_id": "user-3", "item_id": "cooking-1", "event": "like"}])
    told = backup(Workspace.open(own), tmp_path / "b.tar")
    assert (told["sequence"], told["index"], told["model"]) == (status(own)["sequence"], 1, 1)
    assert left_in(tmp_path) == {"b.tar"}
    restore(tmp_path / "b.tar", tmp_path / "new" / "place")
    again = tmp_path / "new" / "place"
    assert left_in(again.parent) == {"place"}
    assert check(again) == []
    assert status(again) == status(own)
    other = Recommender.open(again)
    assert scores(other, toy.USERS) == scores(recommender, toy.USERS)
    assert (again / CONFIG).read_bytes() == (own / CONFIG).read_bytes()
    # What was removed stays so, though the snapshot has it.
    assert not {"space-0", "space-1"} & {item.item_id for item in other.similar("space-2", limit=50).items}
    other.record([{"user_id": "user-3", "item_id": "cooking-2", "event": "like"}])
    assert status(again)["sequence"] == status(own)["sequence"] + 1
    assert other.train(budget="5s")["model"] == 2


def test_without_vectors(own: Path, tmp_path: Path) -> None:
    backup(Workspace.open(own), tmp_path / "b.tar", vectors=False)
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert not (tmp_path / "again" / "vectors").exists()
    assert check(tmp_path / "again") == []


def test_of_a_workspace_without_models(own: Path, tmp_path: Path) -> None:
    shutil.rmtree(own / "models")
    assert backup(Workspace.open(own), tmp_path / "b.tar")["model"] is None
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert scores(Recommender.open(tmp_path / "again"), ["user-0"]) == scores(Recommender.open(own), ["user-0"])


def test_a_lease_that_is_held_is_not_held_in_the_copy(own: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(own)
    with workspace.publishing():
        backup(Workspace.open(own), tmp_path / "b.tar")
        restore(tmp_path / "b.tar", tmp_path / "again")
        with Store.open(tmp_path / "again" / "store.db").lease(COMPACTOR) as lease:
            assert lease is not None


def test_while_others_write(own: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    recorded: list[str] = []

    def write() -> None:
        writer = Recommender.open(own)
        while not stop.is_set():
            now = str(toy.START + len(recorded))
            writer.record([{"user_id": "writer", "item_id": "space-0", "timestamp": now, "event": "view"}])
            recorded.append(now)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        sizes = []
        for number in range(2):
            before = len(recorded)
            backup(Workspace.open(own), tmp_path / f"b{number}.tar")
            sizes.append((before, len(recorded) + 1))
    finally:
        stop.set()
        thread.join()
    for number, (least, most) in enumerate(sizes):
        again = tmp_path / f"again{number}"
        restore(tmp_path / f"b{number}.tar", again)
        assert check(again) == []
        # What was acknowledged before the backup began is in it, in the order it was recorded.
        found = Workspace.open(again).store.events_of("writer")
        assert least <= len(found) <= most
        assert [event.timestamp for event in found] == [toy.START + place for place in range(len(found))]


def test_a_snapshot_that_is_retired_while_it_is_copied(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.copytree
    gone: list[int] = []

    def copy(source: Path, to: Path) -> Path:
        if source.parent.name == "models" and not gone:
            gone.append(publish_again(own))
            real(source, to)
            shutil.rmtree(source)
            raise shutil.Error([])
        return Path(real(source, to))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copytree", copy)
        assert backup(Workspace.open(own), tmp_path / "b.tar")["model"] == gone[0] == 2
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert snapshot.numbers(tmp_path / "again" / "models") == [2]
    assert check(tmp_path / "again") == []


def test_somebody_erased_meanwhile_is_not_in_it(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recommender = Recommender.open(own)
    recommender.record([{"user_id": "somebody-7c1f0e95", "item_id": "space-0", "event": "like"}])
    recommender.train(budget="5s")
    real = Store.copy_to
    told: list[dict[str, Any]] = []

    def copy(store: Store, path: Path) -> None:
        if not told:
            told.append(erase(Workspace.open(own), "somebody-7c1f0e95"))
        real(store, path)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "copy_to", copy)
        backup(Workspace.open(own), tmp_path / "b.tar")
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert files_that_hold(tmp_path / "again", "somebody-7c1f0e95") == []
    # It was named all the same: it was being made.
    assert told[0]["backups"] == [str(tmp_path / "b.tar")]


def test_an_erasure_names_the_backups_and_leaves_them(own: Path, tmp_path: Path) -> None:
    Recommender.open(own).record([{"user_id": "somebody-7c1f0e95", "item_id": "space-0", "event": "like"}])
    for name in ("a.tar", "b.tar"):
        backup(Workspace.open(own), tmp_path / name)
    before = (tmp_path / "a.tar").read_bytes()
    told = erase(Workspace.open(own), "somebody-7c1f0e95")
    assert told["backups"] == [str(tmp_path / "a.tar"), str(tmp_path / "b.tar")]
    assert (tmp_path / "a.tar").read_bytes() == before
    assert b"somebody-7c1f0e95" in before


def test_no_file_is_overwritten(own: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_bytes(b"mine")
    with pytest.raises(WrongCall, match="is there already"):
        backup(Workspace.open(own), tmp_path / "b.tar")
    with pytest.raises(WrongCall, match="is no folder"):
        backup(Workspace.open(own), tmp_path / "nowhere" / "b.tar")
    assert (tmp_path / "b.tar").read_bytes() == b"mine"
    assert backups_of(Workspace.open(own).store) == []


def test_a_broken_snapshot_is_not_backed_up(own: Path, tmp_path: Path) -> None:
    flip(own / "models" / "000001" / "ranker.safetensors")
    with pytest.raises(
        BadData, match=r"000001 is broken and not backed up: `plait check --repair` mends it"
    ) as refused:
        backup(Workspace.open(own), tmp_path / "b.tar")
    # One line: what is printed holds no list of problems besides.
    assert refused.value.problems == ()
    assert left_in(tmp_path) == set()
    assert backups_of(Workspace.open(own).store) == []


def moves(folder: Path) -> list[tuple[int, bool, bool]]:
    return [(one["number"], one["current"], one["promoted"]) for one in models(Workspace.open(folder))]


def test_pins_and_the_past_of_models_come_back(own: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(own)
    for _ in range(3):
        publish_again(own)
    for number in (1, 3):
        promote(workspace, number)
    assert moves(own) == [(1, False, True), (2, False, False), (3, True, True), (4, False, False)]
    backup(workspace, tmp_path / "b.tar")
    restore(tmp_path / "b.tar", tmp_path / "again")
    again = Workspace.open(tmp_path / "again")
    assert moves(again.folder) == moves(own)
    assert check(again.folder) == []
    # Where a rollback goes to is the same in both, move by move; and what was promoted is never retired.
    went = [[rollback(one)["model"] for _ in range(3)] for one in (again, workspace)]
    assert went == [[1, 4, 2], [1, 4, 2]]
    for _ in range(6):
        publish_again(again.folder)
    assert {1, 3} <= {number for number, _, _ in moves(again.folder)}


def test_a_broken_model_that_does_not_answer_is_left_out(own: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(own)
    for _ in range(2):
        publish_again(own)
    flip(own / "models" / "000002" / "ranker.safetensors")
    backup(workspace, tmp_path / "b.tar")
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert moves(tmp_path / "again") == [(1, False, False), (3, True, False)]
    assert rollback(Workspace.open(tmp_path / "again")) == {"model": 1, "before": 3, "notes": []}


def test_a_model_that_is_retired_while_the_past_is_copied(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        publish_again(own)
    real = shutil.copytree

    def copy(source: Path, to: Path) -> Path:
        if source.name == "000002":
            snapshot.remove(source.parent, 2)
        return Path(real(source, to))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copytree", copy)
        assert backup(Workspace.open(own), tmp_path / "b.tar")["model"] == 3
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert moves(tmp_path / "again") == [(1, False, False), (3, True, False)]


@pytest.mark.parametrize("step", ["write_archive", "copy_cache", "_put"])
def test_a_full_disk_leaves_nothing(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(f"plait.flows.backup.{step}", refuse)
        with pytest.raises(BadData, match=r"b\.tar cannot be written: No space left on device"):
            backup(Workspace.open(own), tmp_path / "b.tar")
    assert left_in(tmp_path) == set()
    assert backups_of(Workspace.open(own).store) == []
    backup(Workspace.open(own), tmp_path / "b.tar")
    assert left_in(tmp_path) == {"b.tar"}


def test_what_a_killed_backup_left_is_removed(own: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tar.unfinished-0").mkdir()
    (tmp_path / "b.tar.unfinished-0.tar").write_bytes(b"half")
    backup(Workspace.open(own), tmp_path / "b.tar")
    (tmp_path / ".again.unfinished-0").mkdir()
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert left_in(tmp_path) == {"b.tar", "again"}


@pytest.mark.parametrize("there", ["file", "full", "workspace"])
def test_restored_only_into_what_is_new_or_empty(own: Path, tmp_path: Path, there: str) -> None:
    backup(Workspace.open(own), tmp_path / "b.tar")
    place = own if there == "workspace" else tmp_path / "again"
    if there == "file":
        place.write_text("mine")
    elif there == "full":
        place.mkdir()
        (place / "mine").write_text("mine")
    with pytest.raises(WrongCall, match="expected a new or an empty folder"):
        restore(tmp_path / "b.tar", place)
    assert place.is_file() or (place / "mine").exists() or check(own) == []
    with pytest.raises(WrongCall, match="is missing"):
        restore(tmp_path / "c.tar", tmp_path / "other")
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "b.tar", tmp_path / "empty")
    assert check(tmp_path / "empty") == []


def test_a_full_disk_is_not_held_against_the_backup(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup(Workspace.open(own), tmp_path / "b.tar")

    def refuse(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("plait.archive.sync", refuse)
        with pytest.raises(BadData, match="again cannot be written: No space left on device"):
            restore(tmp_path / "b.tar", tmp_path / "again")
    assert left_in(tmp_path) == {"b.tar"}


def test_a_broken_backup_leaves_no_folder(own: Path, tmp_path: Path) -> None:
    backup(Workspace.open(own), tmp_path / "b.tar")
    flip(tmp_path / "b.tar", at=(tmp_path / "b.tar").stat().st_size // 2)
    with pytest.raises(BadData, match="checksum"):
        restore(tmp_path / "b.tar", tmp_path / "again")
    assert left_in(tmp_path) == {"b.tar"}


def test_a_store_of_a_newer_plait_is_refused(own: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(own)
    with sqlite3.connect(own / "store.db") as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    connection.close()
    staged = tmp_path / "staged"
    staged.mkdir()
    workspace.store.copy_to(staged / "store.db")
    shutil.copyfile(own / CONFIG, staged / CONFIG)
    write_archive(staged, tmp_path / "b.tar", {})
    shutil.rmtree(staged)
    with pytest.raises(BadData, match="upgrade Plait") as refused:
        restore(tmp_path / "b.tar", tmp_path / "again")
    assert "\n" not in str(refused.value)
    assert left_in(tmp_path) == {"b.tar"}
