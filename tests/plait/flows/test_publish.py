"""Publishing: many changes become one snapshot, of the same answers; duplicates are named, status and check agree."""

import threading
from pathlib import Path

import numpy as np
import pytest

from embedders.items import Item, Strand
from plait import snapshot
from plait.flows.build import build
from plait.flows.check import check
from plait.flows.duplicates import duplicate_note
from plait.flows.publish import compact_if_due, learn_and_publish
from plait.flows.status import status
from plait.live import Live
from plait.own_vectors import vector_hash
from plait.recommender import Recommender
from plait.store import StoredItem
from plait.workspace import COMPACTOR, Workspace
from tests.plait import toy
from tests.waiting import eventually


def answers(workspace: Path) -> list[tuple[str, float]]:
    recommender = Recommender.open(workspace)
    rankings = [recommender.similar("space-1", limit=50), *recommender.recommend(["user-0", "x"], limit=50)]
    return [(item.item_id, round(item.score, 5)) for ranking in rankings for item in ranking.items]


def change_much(workspace: Path) -> None:
    """Remove two items and put own vectors of three new ones straight into cache and store."""
    opened = Workspace.open(workspace)
    rows = np.eye(3, 8, dtype=np.float32)
    added = [StoredItem(Item(f"new-{n}", title=f"New {n}"), {Strand.TEXT: vector_hash(rows[n])}) for n in range(3)]
    opened.cache.put(opened.encoder(Strand.TEXT).fingerprint, {vector_hash(row): row for row in rows})
    with opened.store.write() as change:
        change.upsert_items(added)
        change.remove_items(["cooking-2", "sailing-5"])


def test_compaction_changes_no_answer(own: Path) -> None:
    change_much(own)
    before = answers(own)
    assert "new-1" in dict(before)
    toy.compact_after(own, 4)
    live = Live(Workspace.open(own))
    assert compact_if_due(live)
    assert (status(own)["index"], status(own)["index_sequence"]) == (2, status(own)["sequence"])
    moment = live.refresh()
    assert (moment.index.delta_count, moment.index.tombstone_count, len(moment.index)) == (0, 0, 25)
    assert sorted(answers(own)) == sorted(before)
    assert check(own) == []
    assert not compact_if_due(live)


def test_few_changes_are_not_compacted(own: Path) -> None:
    change_much(own)
    assert not compact_if_due(Live(Workspace.open(own)))
    assert status(own)["index"] == 1


def test_changes_beyond_the_share_are_compacted_by_the_command_that_makes_them(own: Path) -> None:
    toy.compact_after(own, 3, share=0.17)
    recommender = Recommender.open(own)
    recommender.remove_items([f"cooking-{n}" for n in range(4)])
    assert status(own)["index"] == 1
    recommender.remove_items(["cooking-4"])
    assert status(own)["index"] == 2
    assert len(recommender.similar("cooking-5", limit=50).items) == 18


def test_nothing_is_compacted_while_another_holds_the_lease(own: Path) -> None:
    toy.compact_after(own, 0)
    change_much(own)
    with Workspace.open(own).store.lease(COMPACTOR) as lease:
        assert lease is not None
        assert not compact_if_due(Live(Workspace.open(own)))
    assert compact_if_due(Live(Workspace.open(own)))


def test_a_process_that_has_not_loaded_a_newer_index_publishes_nothing_over_it(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.compact_after(own, 0)
    live = Live(Workspace.open(own), beside=True)
    live.refresh()
    # What is loaded beside is not there before this is set.
    load, may = Live._load, threading.Event()

    def slowly(self: Live) -> None:
        assert may.wait(60)
        load(self)

    writer = Workspace.open(own)
    with writer.publishing() as fence:
        learn_and_publish(writer, seed=0, fence=fence)
    with writer.store.write() as change:
        change.remove_items(["space-0"])
    monkeypatch.setattr(Live, "_load", slowly)
    assert not compact_if_due(live)
    assert snapshot.current_number(own / "index") == 2
    may.set()
    eventually(lambda: live.refresh().number == 2)
    assert compact_if_due(live)
    assert snapshot.current_number(own / "index") == 3


def test_near_duplicates_are_named(tmp_path: Path) -> None:
    vectors = toy.vectors()
    vectors[9] = vectors[4] + 0.01
    np.save(tmp_path / "vectors.npy", vectors)
    counts = build(tmp_path / "workspace", items=toy.items(), vectors={"text": tmp_path / "vectors.npy"})
    note = "1 pairs of items are nearly the same, such as cooking-4 and sailing-3"
    assert note in counts.notes
    assert duplicate_note(Workspace.open(tmp_path / "workspace")) == [note]


def test_no_duplicates_no_note(own_once: Path) -> None:
    assert duplicate_note(Workspace.open(own_once)) == []


def test_status_of_a_trained_workspace(own_once: Path) -> None:
    answer = status(own_once)
    expected = {
        "items": 24, "events": 60, "users": 0, "relations": 0, "exposures": 0, "bundle": "compact",
        "index": 1, "model": 1, "online": None, "online_sequence": None,
        "sequence": 84, "index_sequence": 84, "model_sequence": 84, "recall": None,
    }  # fmt: skip
    assert answer == expected


def test_check_finds_a_sound_workspace_sound(own_once: Path, built_once: Path) -> None:
    assert check(own_once) == []
    assert check(built_once) == []


def test_check_names_changed_and_missing_files(own: Path) -> None:
    found = snapshot.current(own / "index")
    assert found is not None
    names = sorted(found.files)
    for name in names:
        path = found.path / name
        kept = path.read_bytes()
        path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        assert any(name in problem and "checksum" in problem for problem in check(own)), name
        path.unlink()
        assert any(name in problem and "missing" in problem for problem in check(own)), name
        path.write_bytes(kept)
    assert check(own) == []


def test_check_names_a_snapshot_ahead_of_its_store(own: Path) -> None:
    manifest = own / "index" / "000001" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"sequence": 84', '"sequence": 99'))
    assert any("contains change 99, the store ends at 84" in problem for problem in check(own))


def test_check_names_items_that_only_one_side_has(own: Path) -> None:
    workspace = Workspace.open(own)
    found = snapshot.current(workspace.index_folder)
    assert found is not None
    with workspace.store.write() as change:
        change.remove_items(["space-0"])
    assert check(own) == []
    # A snapshot that claims to contain the removal hides it from the tail.
    manifest = found.path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"sequence": 84', '"sequence": 85'))
    assert check(own) == ["item 'space-0' is in the index and not stored"]


@pytest.mark.parametrize("pointer", ["two", "", "7"])
def test_check_names_a_broken_pointer(own: Path, pointer: str) -> None:
    (own / "index" / "CURRENT").write_text(pointer)
    assert len(check(own)) == 1
    (own / "index" / "CURRENT").write_text("1")
    (own / "models" / "CURRENT").write_text(pointer)
    assert len(check(own)) == 1


def test_check_says_that_an_index_is_missing(own: Path) -> None:
    import shutil

    shutil.rmtree(own / "index")
    assert check(own) == [f"{own} has items and no index: run `plait build` again"]
