"""Recall is watched: an index that finds too little is found and mended, a sound one is left alone."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embedders.items import Item, Strand
from index import Vectors
from index.faiss import FaissIndex, build_faiss
from index.storage import HEAD, read_index, write_index
from plait import snapshot
from plait.flows import watch_recall as watching
from plait.flows.check import check
from plait.flows.publish import learn_and_publish, publish_living
from plait.flows.status import status
from plait.flows.watch_recall import LIMIT, measured_recall, watch_recall
from plait.live import Live
from plait.own_vectors import own_fingerprint, vector_hash
from plait.recall_file import FILE, MeasuredRecall, read_recall, write_recall
from plait.records import Event
from plait.store import StoredItem
from plait.workspace import COMPACTOR, Workspace
from scripts.bench_recall_rule import called_low, missed_together
from tests.copying import copied
from tests.index.clouds import narrow_codes, narrow_graph, woven
from tests.plait.conftest import Cli

COUNT = 20_000
STARVED = {"codes that are not rescored enough": narrow_codes, "a graph hardly walked": narrow_graph}
Make = Callable[[Vectors], FaissIndex]


def stored_vectors(folder: Path, vectors: Vectors) -> Workspace:
    """Make a workspace of items with these own vectors (n, dimension), whose users liked a few at random."""
    workspace = Workspace.create(folder)
    rows = [row / np.linalg.norm(row) for row in vectors if row.any()]
    hashes = [vector_hash(row) for row in rows]
    assert len(rows) >= COUNT
    fingerprint = own_fingerprint(Strand.TEXT, vectors.shape[1])
    workspace.use_own(Strand.TEXT, fingerprint, vectors.shape[1])
    workspace.cache.put(fingerprint, dict(zip(hashes, rows, strict=True)))
    rng = np.random.default_rng(1)
    with workspace.store.write() as change:
        change.set_meta(workspace.own)
        change.upsert_items(StoredItem(Item(f"item-{n}"), {Strand.TEXT: digest}) for n, digest in enumerate(hashes))
        liked = rng.integers(len(rows), size=(80, 4)).tolist()
        change.record(
            Event(f"user-{user}", f"item-{item}", 1e9 + user, "like", event_id=f"{user}-{place}")
            for user, items in enumerate(liked)
            for place, item in enumerate(items)
        )
    with workspace.publishing() as fence:
        learn_and_publish(workspace, seed=0, fence=fence)
    return workspace


@pytest.fixture(scope="module")
def many_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / "workspace"
    stored_vectors(folder, woven(COUNT + 1_000, seed=0, width=44))
    return folder


@pytest.fixture
def many(many_once: Path, tmp_path: Path) -> Path:
    return copied(many_once, tmp_path / "workspace")


def index_of(folder: Path) -> snapshot.Snapshot:
    found = snapshot.current(folder / "index")
    assert found is not None
    return found


def kind_of(folder: Path) -> str:
    return str(json.loads((index_of(folder).path / HEAD).read_text(encoding="utf-8"))["kind"])


def put_index(folder: Path, make: Callable[[Vectors], object]) -> None:
    """Publish the same items with another search structure."""
    before = index_of(folder)
    held = read_index(before.path)
    vectors = np.ascontiguousarray(held.vectors)
    index = make(vectors)
    assert isinstance(index, FaissIndex)

    def write(path: Path) -> None:
        write_index(path, item_ids=list(held.item_ids), vectors=vectors, index=index)
        for name in before.files:
            if not (path / name).exists() and not name.endswith(".faiss"):
                shutil.copyfile(before.path / name, path / name)

    snapshot.publish(
        folder / "index", write, sequence=before.sequence, encoders=before.encoders, details=before.details
    )


@pytest.mark.parametrize("kind", STARVED)
def test_an_index_that_finds_too_little_is_found_and_mended(many: Path, kind: str) -> None:
    put_index(many, STARVED[kind])
    live = Live(Workspace.open(many))
    before = measured_recall(live.refresh(), seed=0)
    assert before.is_low
    assert before.recall < 0.95
    found = watch_recall(live)
    assert f"index 2 found {before.recall:.3f}" in found.did
    assert found.recall >= found.floor
    assert found.index == index_of(many).number > 2
    assert kind_of(many) == "codes"
    assert check(many) == []
    # Mended, it is left alone, by a process that opens it, too.
    again = watch_recall(Live(Workspace.open(many)), seed=7)
    assert (again.did, again.index) == ("", found.index)


def test_a_sound_index_is_left_alone(many: Path) -> None:
    live = Live(Workspace.open(many))
    for seed in range(5):
        found = watch_recall(live, seed=seed)
        assert (found.did, found.index) == ("", 1)
        assert found.high >= found.recall >= found.low >= 0.98
    assert index_of(many).number == 1
    assert kind_of(many) == "codes"


def test_where_codes_never_do_the_index_becomes_a_scan_and_stays_one(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_index(many, narrow_codes)

    def fits_badly(vectors: Vectors, *, seed: int = 0, scan: bool = False) -> FaissIndex:
        return build_faiss(vectors, kind="flat") if scan else narrow_codes(vectors)

    monkeypatch.setattr("plait.flows.publish.build_index", fits_badly)
    live = Live(Workspace.open(many))
    found = watch_recall(live)
    assert found.did.startswith("searched by a scan: index 2 found 0.")
    assert (found.recall, found.index) == (1.0, 4)
    # The next compaction does not go back to what found too little.
    with live.workspace.publishing() as fence:
        publish_living(live, seed=0, fence=fence)
    assert kind_of(many) == "flat"
    assert index_of(many).number == 5


def test_nothing_is_repaired_while_another_holds_the_lease(many: Path) -> None:
    put_index(many, narrow_codes)
    with Workspace.open(many).store.lease(COMPACTOR) as lease:
        assert lease is not None
        found = watch_recall(Live(Workspace.open(many)))
    assert found.is_low
    assert found.did == "left as it is: another process builds or trains"
    assert index_of(many).number == 2
    assert watch_recall(Live(Workspace.open(many))).index == 3


def test_an_index_that_was_published_meanwhile_is_not_the_one_to_be_mended(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.open(own)
    with workspace.publishing() as fence:
        learn_and_publish(workspace, seed=0, fence=fence)
    low = MeasuredRecall(1, 0.1, 0.1, 0.1, 100, 0.98, 0.0)
    monkeypatch.setattr(watching, "measured_recall", lambda *_, **__: low)
    assert watch_recall(Live(workspace)).did == "left as it is: another index was published meanwhile"
    assert index_of(own).number == 2


def test_recall_is_the_share_of_the_exact_nearest_of_what_lives_now(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_index(many, narrow_codes)
    live = Live(Workspace.open(many))
    vectors = live.refresh().index.vectors(np.arange(40))
    rows = [row / np.linalg.norm(row) for row in np.roll(vectors, 1, axis=1) if row.any()]
    live.workspace.cache.put(own_fingerprint(Strand.TEXT, 132), {vector_hash(row): row for row in rows})
    with live.workspace.store.write() as change:
        change.remove_items([f"item-{n}" for n in range(0, COUNT, 3)])
        change.upsert_items(StoredItem(Item(f"new-{n}"), {Strand.TEXT: vector_hash(r)}) for n, r in enumerate(rows))
    moment = live.refresh()
    queries = np.concatenate([rows, vectors[vectors.any(axis=1)]])
    monkeypatch.setattr(watching, "_queries", lambda *_: queries)
    scores = queries @ moment.index.vectors(np.arange(moment.index.row_count)).T
    scores[:, ~moment.index.alive] = -np.inf
    right = np.argsort(-scores, axis=1)[:, :LIMIT]
    found = moment.index.search(queries, LIMIT).rows
    shares = [len(set(mine) & set(theirs)) / LIMIT for mine, theirs in zip(found.tolist(), right.tolist(), strict=True)]
    measured = measured_recall(moment, seed=0)
    # Hits that tie with the last count as found.
    assert measured.recall == pytest.approx(np.mean(shares), abs=0.005)
    assert 0.2 < measured.recall < 0.9
    assert (measured.queries, measured.index) == (len(queries), 2)


def test_half_of_the_queries_are_profiles_and_all_are_of_the_seed(many_once: Path) -> None:
    moment = Live(Workspace.open(many_once)).refresh()
    queries = watching._queries(moment, 100, np.random.default_rng(3))
    assert 90 < len(queries) <= 100
    np.testing.assert_array_equal(queries, watching._queries(moment, 100, np.random.default_rng(3)))
    vectors = moment.index.vectors(np.arange(moment.index.row_count))
    # All items and profiles but those of nothing are asked, the others are within their noise of an item.
    profiles = watching._profiles(moment, 50, np.random.default_rng(3))
    profiles = profiles[profiles.any(axis=1)]
    assert 40 < len(profiles) <= 50
    np.testing.assert_array_equal(queries[: len(profiles)], profiles)
    nearest = (queries @ vectors.T).max(axis=1) / np.linalg.norm(queries, axis=1)
    assert (nearest > 0.9).mean() > 0.9
    assert queries.any(axis=1).all()


@pytest.mark.parametrize("together", [1, 3, LIMIT])
def test_of_indexes_just_at_the_floor_one_in_forty_is_called_low_and_of_better_ones_hardly_any(together: int) -> None:
    rng = np.random.default_rng(together)

    def share(truth: float) -> float:
        return called_low(missed_together(rng, truth, together, trials=2_000), 0.98)

    # One in forty, and what chance may add to it: three deviations.
    assert share(0.98) <= 1 / 40 + 3 * (1 / 40 / 2_000) ** 0.5
    assert share(0.99) <= 0.002
    assert share(0.993) <= 0.0005


def test_what_is_below_the_floor_is_called_low() -> None:
    rng = np.random.default_rng(0)
    assert called_low(missed_together(rng, 0.95, 1, trials=500), 0.98) > 0.98
    assert called_low(missed_together(rng, 0.9, 3, trials=500), 0.98) > 0.98


def test_the_floor_and_the_sample_are_settings(many: Path) -> None:
    (many / "plait.toml").write_text("[index]\nrecall_floor = 0.3\nrecall_sample = 30\n", encoding="utf-8")
    put_index(many, narrow_codes)
    found = watch_recall(Live(Workspace.open(many)))
    assert (found.queries, found.floor, found.did) == (30, 0.3, "")
    assert found.high < 0.98


def test_status_says_what_was_measured_last(many: Path, cli: Cli) -> None:
    assert status(many)["recall"] is None
    assert "recall@10" not in cli("status", many).out
    shown = cli("status", many, "--recall")
    assert "recall@10" in shown.out
    assert "index 1" in shown.out
    kept = json.loads(cli("status", many, "--json").out)["recall"]
    assert kept == status(many)["recall"]
    assert MeasuredRecall(**kept) == read_recall(many / "index")
    assert (kept["index"], kept["did"], kept["floor"]) == (1, "", 0.98)


def test_a_broken_file_of_recall_is_none(tmp_path: Path) -> None:
    found = MeasuredRecall(3, 0.97, 0.96, 0.979, 100, 0.98, 5.0, "built anew")
    write_recall(tmp_path, found)
    assert read_recall(tmp_path) == found
    assert found.is_low
    assert not replace(found, high=0.98).is_low
    for text in ("", "{", "[]", "{}", '{"index": 1}'):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        assert read_recall(tmp_path) is None
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_where_nothing_is_left_nothing_is_missed(own: Path) -> None:
    live = Live(Workspace.open(own))
    assert watch_recall(live).recall == 1.0
    with live.workspace.store.write() as change:
        change.remove_items(live.workspace.store.item_ids())
    found = watch_recall(live)
    assert (found.queries, found.recall, found.did) == (0, 1.0, "")
