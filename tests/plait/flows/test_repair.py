"""Check and repair: real files really broken are found and mended, and nothing that was stored is lost."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from plait import snapshot
from plait.errors import BadData
from plait.flows.check import check
from plait.flows.erase import erase
from plait.flows.publish import learn_and_publish
from plait.flows.repair import repair
from plait.recommender import Recommender
from plait.store import Store
from plait.traces import files_that_hold
from plait.workspace import COMPACTOR, Workspace
from tests.copying import copied
from tests.plait.flows.keeping import flip, publish_again, scores


def stored(folder: Path) -> dict[str, int]:
    with Store.open(folder / "store.db") as store:
        return {**store.counts(), "sequence": store.sequence()}


def publish_index(folder: Path) -> None:
    workspace = Workspace.open(folder)
    with workspace.publishing() as fence:
        learn_and_publish(workspace, seed=0, fence=fence)


def mended_whole(folder: Path, said: str, *, counted: bool = True) -> list[str]:
    """Check, repair and check again; return what was mended."""
    before = stored(folder)
    assert any(said in line for line in check(folder))
    left, mended = repair(folder)
    assert left == []
    assert mended
    assert check(folder) == []
    assert stored(folder) == (before if counted else {**before, "sequence": before["sequence"] + 1})
    assert len(Recommender.open(folder).recommend("user-0", limit=5).items) == 5
    # Mended, there is nothing to do.
    assert repair(folder) == ([], [])
    return mended


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


DAMAGES: dict[str, Callable[[Path], object]] = {"flip": flip, "truncate": truncate, "delete": Path.unlink}


def files_of(folder: Path, kind: str) -> list[str]:
    found = snapshot.current(folder / kind)
    assert found is not None
    return ["manifest.json", *sorted(found.files)]


@pytest.mark.parametrize(
    ("kind", "damage"), [("index", "flip"), ("models", "flip"), ("models", "truncate"), ("models", "delete")]
)
def test_every_file_of_the_snapshot_that_answers(own: Path, tmp_path: Path, kind: str, damage: str) -> None:
    publish_index(own)
    publish_again(own)
    before = scores(Recommender.open(own), ["user-1"])
    whole = copied(own, tmp_path / "whole")
    for name in files_of(own, kind):
        shutil.rmtree(own)
        copied(whole, own)
        broken = own / kind / "000002" / name
        if damage == "flip" and name == "manifest.json":
            flip(broken, at=0)
        else:
            DAMAGES[damage](broken)
        (line,) = mended_whole(own, f"000002/{name}")
        assert f"000002/{name}" in line
        assert "CURRENT names 1, which is sound" in line
        assert scores(Recommender.open(own), ["user-1"]) == before


def test_an_index_without_another_is_made_from_the_store(own: Path) -> None:
    before = scores(Recommender.open(own), ["user-1"])
    flip(own / "index" / "000001" / files_of(own, "index")[-1])
    (line,) = mended_whole(own, "000001")
    assert "made anew from the store, now 2" in line
    after = scores(Recommender.open(own), ["user-1"])["user-1"]
    assert max(abs(after[item] - score) for item, score in before["user-1"].items()) < 1e-4


def test_without_a_sound_model_answers_are_untrained(own: Path) -> None:
    flip(own / "models" / "000001" / "ranker.safetensors")
    (line,) = mended_whole(own, "000001/ranker.safetensors")
    assert "`plait train` makes one anew" in line
    assert Recommender.open(own).recommend("user-0").model == "index 1, untrained"
    assert Recommender.open(own).train(budget="5s")["model"] == 2


@pytest.mark.parametrize("pointer", [True, False])
def test_several_broken_models_are_set_aside_at_once(own: Path, pointer: bool) -> None:
    for _ in range(2):
        publish_again(own)
    for number in (1, 2, 3):
        flip(own / "models" / f"{number:06d}" / "names.json")
    if not pointer:
        (own / "models" / "CURRENT").unlink()
    (line,) = mended_whole(own, "names.json" if pointer else "CURRENT is missing")
    assert "no other model is sound (1, 2, 3)" in line
    left = sorted(path.name.rpartition("-")[0] for path in (own / "models").iterdir())
    assert left == [*["CURRENT.damaged"] * pointer, "HISTORY.damaged", *(f"damaged-00000{n}" for n in (1, 2, 3))]
    # The numbers of what is set aside are not used again: who holds an old one sees that it is another.
    assert Recommender.open(own).train(budget="5s")["model"] == 4


def test_models_of_an_earlier_version_are_set_aside_with_the_broken_one(own: Path) -> None:
    for _ in range(2):
        publish_again(own)
    for number in (1, 2):
        path = own / "models" / f"{number:06d}" / "names.json"
        path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "format": 1}), encoding="utf-8")
    flip(own / "models" / "000003" / "names.json")
    assert "no other model is sound (1, 2, 3)" in mended_whole(own, "000003/names.json")[0]


def test_an_erasure_empties_what_was_set_aside(own: Path) -> None:
    somebody = "somebody-7c1f0e95"
    Recommender.open(own).record([{"user_id": somebody, "item_id": "space-0", "event": "like"}])
    Recommender.open(own).train(budget="5s")
    for number in (1, 2):
        flip(own / "models" / f"{number:06d}" / "ranker.safetensors")
    assert repair(own)[0] == []
    assert [name for name in files_that_hold(own, somebody) if "damaged-000002" in name]
    assert erase(Workspace.open(own), somebody)["found_in"] == []
    assert Recommender.open(own).train(budget="5s")["model"] == 3


def test_building_again_is_advised_where_the_index_is_broken_alone(own: Path) -> None:
    shutil.rmtree(own / "vectors")
    flip(own / "index" / "000001" / "vectors.npy")
    left, _ = repair(own)
    assert "`plait build` with the items' table makes the index anew" in left


def test_rules_that_do_not_fit_are_no_reason_to_make_the_index_anew(own: Path) -> None:
    (own / "plait.toml").write_text('[rules]\nrequire = "price < 5"\n', encoding="utf-8")
    left, mended = repair(own)
    assert mended == []
    assert len(left) == 1
    assert "rules.require" in left[0]


@pytest.mark.parametrize("kind", ["index", "models"])
@pytest.mark.parametrize("content", [None, b"", b"9", b"x"])
def test_a_pointer_that_is_lost_or_broken(own: Path, kind: str, content: bytes | None) -> None:
    publish_index(own)
    publish_again(own)
    if content is None:
        (own / kind / "CURRENT").unlink()
    else:
        (own / kind / "CURRENT").write_bytes(content)
    (line,) = mended_whole(own, "CURRENT" if content != b"9" else "000009")
    assert "CURRENT names 2, which is sound" in line


def test_all_snapshots_gone(own: Path) -> None:
    shutil.rmtree(own / "index")
    assert "made anew from the store" in mended_whole(own, "has items and no index")[0]


def test_it_goes_to_what_was_current_before_and_not_to_what_was_gone_back_from(own: Path) -> None:
    for _ in range(3):
        publish_again(own)
    snapshot.point(own / "models", 2, before=[1])
    flip(own / "models" / "000002" / "names.json")
    assert "CURRENT names 1" in mended_whole(own, "names.json")[0]


def test_a_counter_behind_the_changes(own: Path) -> None:
    Recommender.open(own).update_items([{"item_id": "space-0", "year": "2020"}])
    with sqlite3.connect(own / "store.db") as connection:
        connection.execute("UPDATE counter SET sequence = sequence - 1")
    connection.close()
    assert "the counter was 1 changes behind" in mended_whole(own, "holds 1 more", counted=False)[0]


@pytest.mark.parametrize(
    ("change", "said", "there"),
    [
        ("DELETE FROM items WHERE item_id = 'space-0'", "'space-0' is in the index and not stored", False),
        (
            "UPDATE items SET item_id = 'ghost' WHERE item_id = 'space-0'",
            "'ghost' is stored and not in the index",
            True,
        ),
    ],
)
def test_an_index_that_differs_from_the_store(own: Path, change: str, said: str, there: bool) -> None:
    # Without a number of its own, a change of the store is none that an index would follow.
    with sqlite3.connect(own / "store.db") as connection:
        connection.execute(change)
    connection.close()
    (line,) = mended_whole(own, said)
    assert "made anew from the store" in line
    found = {item.item_id for item in Recommender.open(own).similar("space-1", limit=50).items}
    assert len(found) == (23 if there else 22)
    assert "space-0" not in found
    assert ("ghost" in found) == there


def test_a_store_older_than_its_snapshots(own: Path, tmp_path: Path) -> None:
    Workspace.open(own).store.copy_to(tmp_path / "older.db")
    Recommender.open(own).record([{"user_id": "user-0", "item_id": "space-0", "event": "like"}])
    for _ in range(2):
        publish_index(own)
    for name in ("store.db", "store.db-wal", "store.db-shm"):
        (own / name).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "older.db", own / "store.db")
    (line,) = mended_whole(own, "contains change")
    assert "the store ends at" in line
    assert "CURRENT names 1" in line


@pytest.mark.parametrize("damage", ["flip", "truncate"])
def test_a_damaged_cache_is_set_aside(own: Path, damage: str) -> None:
    path = own / "vectors" / "vectors.db"
    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    flip(path, at=0) if damage == "flip" else truncate(path)
    line, own_vectors = mended_whole(own, "vectors.db is damaged")
    assert "is set aside as vectors.db.damaged-" in line
    assert "own vectors of text were in it" in own_vectors
    assert len(list((own / "vectors").glob("vectors.db.damaged-*"))) == 1


def test_a_cache_that_cannot_be_looked_at_is_not_set_aside(own: Path) -> None:
    # As on a disk that is full: SQLite can open the file no more, whatever is in it.
    path = own / "vectors" / "vectors.db"
    path.rename(own / "vectors" / "kept.db")
    path.mkdir()
    left, mended = repair(own)
    assert mended == []
    assert [line for line in left if "vectors.db cannot be looked at: unable to open" in line]
    assert path.is_dir()


def test_leftovers_and_the_lease_of_a_process_that_is_gone(own: Path) -> None:
    (own / "models" / "unfinished-0").mkdir()
    (own / "models" / "unfinished-0" / "names.json").write_text("half")
    owner = json.dumps("gone")
    with Store.open(own / "store.db").lease("other") as lease:
        assert lease is not None
        owner = lease.owner
        boot, _, began = owner.rsplit(" ", 2)
        with sqlite3.connect(own / "store.db") as connection:
            connection.execute("UPDATE leases SET owner = ? WHERE name = 'other'", (f"{boot} 999999999 {began}",))
        connection.close()
        left, mended = repair(own)
    assert left == []
    assert [line for line in mended if "'other'" in line and "given back" in line]
    assert [line for line in mended if "what 1 killed writers left unfinished was removed" in line]
    assert not (own / "models" / "unfinished-0").exists()


def test_a_lease_that_is_held_stays(own: Path) -> None:
    store = Store.open(own / "store.db")
    with store.lease(COMPACTOR) as lease:
        assert lease is not None
        with pytest.raises(BadData, match="being built or trained"):
            repair(own)
        with store.fence(lease):
            pass


def test_a_damaged_store_is_left_and_the_command_said(own: Path) -> None:
    Workspace.open(own).store.forget_deleted()
    path = own / "store.db"
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 3 + 64] = bytes(64)
    path.write_bytes(content)
    before = path.read_bytes()
    left, mended = repair(own)
    assert mended == []
    assert "`plait restore` of a backup mends it" in left[-1]
    assert path.read_bytes() == before


def test_what_is_sound_is_left_alone(own: Path) -> None:
    before = {path: path.read_bytes() for path in (own / "index").rglob("*") if path.is_file()}
    assert check(own) == []
    assert repair(own) == ([], [])
    assert {path: path.read_bytes() for path in (own / "index").rglob("*") if path.is_file()} == before
