"""LiveIndex: rows, tombstones, views, and what a write may and may not change."""

import numpy as np
import pytest

from index import ExactIndex, IdMap, IndexSnapshot, LiveIndex, Vectors
from index.faiss import build_faiss
from tests.index.clouds import cloud, names, narrow_graph, snapshot_of


@pytest.fixture
def vectors() -> Vectors:
    return cloud(200, seed=1)


@pytest.fixture
def live(vectors: Vectors) -> LiveIndex:
    return LiveIndex.open(snapshot_of(vectors, build_faiss(vectors)))


def test_an_empty_index_takes_items() -> None:
    live = LiveIndex.empty(2)
    assert (len(live), live.row_count, live.dimension) == (0, 0, 2)
    assert live.search(np.ones((1, 2), dtype=np.float32), 2).rows.tolist() == [[-1, -1]]
    live.upsert(["a", "b"], np.array([[1, 0], [0, 2]], dtype=np.float32))
    hits = live.search(np.ones((1, 2), dtype=np.float32), 3)
    assert hits.rows.tolist() == [[1, 0, -1]]
    assert live.item_ids(hits.rows[0, :2]) == ["b", "a"]


def test_an_updated_item_gets_a_new_row_and_is_found_once(live: LiveIndex, vectors: Vectors) -> None:
    live.upsert(["item-3"], -vectors[3:4])
    assert live.rows(["item-3", "item-4"]).tolist() == [200, 4]
    assert (live.delta_count, live.tombstone_count, live.row_count, len(live)) == (1, 1, 201, 200)
    assert live.search(-vectors[3:4], 1).rows.tolist() == [[200]]
    assert 3 not in live.search(vectors[3:4], 200).rows
    assert live.item_ids(np.array([3, 200])) == ["item-3", "item-3"]


def test_an_unchanged_item_keeps_its_row(live: LiveIndex, vectors: Vectors) -> None:
    before = live.view
    live.upsert(["item-3", "item-9"], vectors[[3, 9]])
    assert live.view is before
    live.upsert(["new"], vectors[:1])
    live.upsert(["item-5", "new", "item-9"], np.stack([vectors[5], vectors[0], vectors[0]]))
    assert live.rows(["item-5", "new", "item-9"]).tolist() == [5, 200, 201]


def test_of_an_id_given_twice_the_last_counts(live: LiveIndex, vectors: Vectors) -> None:
    live.upsert(["x", "item-0", "x"], np.stack([vectors[0], vectors[0], vectors[1]]))
    assert (live.delta_count, live.rows(["x"]).tolist()) == (1, [200])
    np.testing.assert_array_equal(live.vectors(live.rows(["x"])), vectors[1:2])


def test_remove_says_what_was_there(live: LiveIndex, vectors: Vectors) -> None:
    live.upsert(["new"], vectors[:1])
    assert live.remove(["item-1", "nobody", "new", "item-1"]).tolist() == [True, False, True, True]
    assert live.remove(["item-1", "new"]).tolist() == [False, False]
    assert live.rows(["item-1", "new", "item-2"]).tolist() == [-1, -1, 2]
    assert (len(live), live.tombstone_count) == (199, 2)
    assert not live.alive[[1, 200]].any()


def test_a_removed_item_returns_only_by_upsert(live: LiveIndex, vectors: Vectors) -> None:
    live.remove(["item-7"])
    live.upsert(["item-8"], vectors[7:8])
    assert 7 not in live.search(vectors[7:8], 200).rows
    live.upsert(["item-7"], vectors[7:8])
    assert live.rows(["item-7"]).tolist() == [201]
    assert live.search(vectors[7:8], 2).rows.tolist() == [[200, 201]]


@pytest.mark.parametrize("dead", [1, 5, 20, 30, 100, 199, 200])
@pytest.mark.parametrize("limit", [1, 10, 250])
@pytest.mark.parametrize("make", [ExactIndex, narrow_graph])
def test_the_nearest_may_all_be_dead(make: type[ExactIndex], limit: int, dead: int) -> None:
    vectors = cloud(200, seed=2)
    nearest = ExactIndex(vectors).search(vectors[:1], 200).rows[0]
    live = LiveIndex.open(snapshot_of(vectors, make(vectors)))
    live.remove([f"item-{row}" for row in nearest[:dead]])
    hits = live.search(vectors[:2], limit)
    wanted = min(limit, 200 - dead)
    assert (np.count_nonzero(hits.rows >= 0, axis=1) == wanted).all()
    assert not np.isin(hits.rows, nearest[:dead]).any()
    assert ((hits.rows < 0) == (hits.scores == -np.inf)).all()
    if make is ExactIndex:
        np.testing.assert_array_equal(hits.rows[0, :wanted], nearest[dead : dead + wanted])


def test_a_filter_holds_for_old_and_new_rows(live: LiveIndex, vectors: Vectors) -> None:
    live.upsert(names(20, "new"), cloud(20, seed=3))
    live.remove(["item-10", "new-10"])
    allowed = np.random.default_rng(4).random(220) < 0.5
    allowed[[10, 210]] = True
    expected = allowed.copy()
    expected[[10, 210]] = False
    hits = live.search(vectors[:3], 220, allowed=allowed)
    for rows in hits.rows:
        assert set(rows[rows >= 0].tolist()) == set(np.flatnonzero(expected).tolist())
    assert allowed[10]


def test_a_mask_made_before_a_write_leaves_new_rows_out(live: LiveIndex, vectors: Vectors) -> None:
    allowed = np.ones(live.row_count, dtype=np.bool_)
    live.upsert(["new"], 9 * vectors[:1])
    assert 200 not in live.search(vectors[:1], 201, allowed=allowed).rows
    assert live.search(vectors[:1], 1).rows.tolist() == [[200]]


def test_a_view_does_not_change(live: LiveIndex, vectors: Vectors) -> None:
    live.upsert(["early"], 5 * vectors[:1])
    view = live.view
    before = view.search(vectors[:3], 50)
    live.upsert(["late", "early", "item-0"], 9 * vectors[:3])
    live.remove(["item-1", "early"])
    after = view.search(vectors[:3], 50)
    np.testing.assert_array_equal(before.rows, after.rows)
    assert view.rows(["early", "late", "item-1"]).tolist() == [200, -1, 1]
    assert (view.row_count, len(view)) == (201, 201)
    assert view.item_ids(np.array([200])) == ["early"]


def test_alive_is_shared_and_read_only(live: LiveIndex) -> None:
    assert live.alive is live.alive
    with pytest.raises(ValueError, match="read-only"):
        live.alive[0] = False


def test_vectors_are_gathered_in_any_shape(live: LiveIndex, vectors: Vectors) -> None:
    live.upsert(["new"], 2 * vectors[:1])
    rows = np.array([[5, 200], [200, 0]])
    np.testing.assert_array_equal(
        live.vectors(rows), np.stack([[vectors[5], 2 * vectors[0]], [2 * vectors[0], vectors[0]]])
    )
    assert live.vectors(np.empty((0, 3), dtype=np.int64)).shape == (0, 3, 16)
    gathered = live.vectors(np.array([0]))
    gathered[:] = 0
    np.testing.assert_array_equal(live.vectors(np.array([0])), vectors[:1])


@pytest.mark.parametrize("row", [-1, 200])
def test_rows_outside_are_refused(live: LiveIndex, row: int) -> None:
    with pytest.raises(ValueError, match=r"expected 0\.\.199"):
        live.vectors(np.array([0, row]))
    with pytest.raises(ValueError, match=r"expected 0\.\.199"):
        live.item_ids(np.array([0, row]))


@pytest.mark.parametrize(
    ("item_ids", "wrong", "message"),
    [
        (["a"], np.zeros((1, 3)), r"vectors has shape \(1, 3\); expected \(n, 16\)"),
        (["a"], np.zeros((2, 16)), "vectors has 2 rows; expected 1"),
        (["a", "b"], np.stack([np.zeros(16), np.full(16, np.inf)]), "vectors holds NaN or infinity"),
    ],
)
def test_a_bad_write_changes_nothing(live: LiveIndex, item_ids: list[str], wrong: Vectors, message: str) -> None:
    before = live.view
    with pytest.raises(ValueError, match=message):
        live.upsert(item_ids, wrong)
    assert live.view is before


def test_writing_nothing_is_no_error(live: LiveIndex) -> None:
    before = live.view
    live.upsert([], np.empty((0, 16), dtype=np.float32))
    assert live.remove([]).tolist() == []
    assert live.view is before


def test_a_snapshot_whose_parts_disagree_is_refused(vectors: Vectors) -> None:
    with pytest.raises(ValueError, match=r"vectors has shape \(200, 16\); expected \(199, 16\)"):
        IndexSnapshot(IdMap(names(199)), vectors, ExactIndex(vectors))
    with pytest.raises(ValueError, match=r"vectors has shape \(200, 16\)"):
        IndexSnapshot(IdMap(names(200)), vectors, ExactIndex(vectors[:100]))
