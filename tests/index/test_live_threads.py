"""LiveIndex while others write: every answer belongs to one moment."""

import threading
import time
from collections.abc import Callable

import numpy as np

from index import LiveIndex
from index.faiss import build_faiss
from tests.index.clouds import cloud, names, snapshot_of

WRITES = 150
GROUP = 8


def run_together(writers: list[Callable[[], None]], read: Callable[[], None]) -> None:
    """Call `read` in two threads for as long as the writers run, and raise what any of them raised."""
    failures: list[BaseException] = []
    done = threading.Event()

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    def reading() -> None:
        while not done.is_set() and not failures:
            read()

    readers = [threading.Thread(target=guarded, args=(reading,)) for _ in range(2)]
    writing = [threading.Thread(target=guarded, args=(work,)) for work in writers]
    for thread in readers + writing:
        thread.start()
    for thread in writing:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    if failures:
        raise failures[0]


def test_a_batch_is_seen_whole_or_not_at_all() -> None:
    """The writer gives all items of a group one length at a time: readers must never see two lengths."""
    base = np.eye(16, dtype=np.float32)[:GROUP]
    live = LiveIndex.open(snapshot_of(base, build_faiss(base)))
    query = np.ones((1, 16), dtype=np.float32)

    def write() -> None:
        for turn in range(2, WRITES):
            live.upsert(names(GROUP), base * np.float32(turn))

    def read() -> None:
        hits = live.search(query, GROUP + 3)
        assert len(set(hits.scores[0, :GROUP].tolist())) == 1
        assert (hits.rows[0, GROUP:] == -1).all()
        assert sorted(live.item_ids(hits.rows[0, :GROUP])) == names(GROUP)

    run_together([write], read)
    assert live.search(query, 1).scores.tolist() == [[WRITES - 1]]


def test_one_view_answers_all_questions_alike() -> None:
    vectors = cloud(500, seed=1)
    live = LiveIndex.open(snapshot_of(vectors, build_faiss(vectors)))

    def write() -> None:
        for turn in range(WRITES):
            live.upsert([f"item-{turn}", f"new-{turn}"], vectors[[turn + 1, turn]])
            live.remove([f"item-{499 - turn}"])

    def read() -> None:
        view = live.view
        hits = view.search(vectors[:2], 600)
        found = hits.rows[0][hits.rows[0] >= 0]
        assert len(found) == len(view) == np.count_nonzero(view.alive)
        ids = view.item_ids(found)
        assert len(set(ids)) == len(ids)
        np.testing.assert_array_equal(view.rows(ids), found)
        np.testing.assert_allclose(view.vectors(found) @ vectors[0], hits.scores[0, : len(found)], atol=1e-4)

    run_together([write], read)
    assert len(live) == 500


def test_writers_lose_nothing_to_each_other() -> None:
    live = LiveIndex.empty(4)

    def writer(name: str) -> Callable[[], None]:
        def write() -> None:
            for turn in range(WRITES):
                live.upsert([f"{name}-{turn}"], np.full((1, 4), turn, dtype=np.float32))
                if turn % 3 == 0:
                    assert live.remove([f"{name}-{turn}"]).tolist() == [True]

        return write

    run_together([writer(name) for name in "abc"], lambda: time.sleep(0.001))
    kept = [f"{name}-{turn}" for name in "abc" for turn in range(WRITES) if turn % 3]
    rows = live.rows(kept)
    assert (rows >= 0).all()
    np.testing.assert_array_equal(live.vectors(rows)[:, 0], [int(item.split("-")[1]) for item in kept])
    assert len(live) == len(kept)
