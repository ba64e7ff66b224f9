"""LiveIndex under any order of writes, held against a dictionary and a sort."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from index import ExactIndex, LiveIndex, LiveView
from index.faiss import build_faiss
from tests.index.clouds import grid, names, snapshot_of

IDS = st.sampled_from(names(8) + names(6, "new"))
POINT = st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.integers(-2, 2))


class LiveMachine(RuleBasedStateMachine):
    """Small whole numbers as vectors, so that every score is exact and ties are many."""

    @initialize(count=st.integers(0, 8), seed=st.integers(0, 99), flat=st.booleans())
    def start(self, count: int, seed: int, flat: bool) -> None:
        vectors = grid(count, seed=seed)
        index = build_faiss(vectors) if flat else ExactIndex(vectors)
        self.live = LiveIndex.open(snapshot_of(vectors, index))
        self.model = {item: tuple(vector) for item, vector in zip(names(count), vectors.tolist(), strict=True)}
        self.row_of = dict(zip(names(count), range(count), strict=True))
        self.rows = count
        self.kept: list[tuple[LiveView, dict[str, int]]] = []

    @rule(batch=st.dictionaries(IDS, POINT, max_size=5))
    def upsert(self, batch: dict[str, tuple[int, int, int]]) -> None:
        for item, vector in batch.items():
            if self.model.get(item) != vector:
                self.model[item], self.row_of[item] = vector, self.rows
                self.rows += 1
        self.live.upsert(list(batch), np.array(list(batch.values()), dtype=np.float32).reshape(-1, 3))

    @rule(batch=st.lists(IDS, max_size=5))
    def remove(self, batch: list[str]) -> None:
        assert self.live.remove(batch).tolist() == [item in self.model for item in batch]
        for item in batch:
            self.model.pop(item, None)
            self.row_of.pop(item, None)

    @rule()
    def keep_a_view(self) -> None:
        self.kept.append((self.live.view, dict(self.row_of)))

    @rule(query=POINT, limit=st.integers(1, 20), hidden=st.none() | st.sets(IDS))
    def search(self, query: tuple[int, int, int], limit: int, hidden: set[str] | None) -> None:
        allowed = None
        if hidden is not None:
            allowed = np.ones(self.rows, dtype=np.bool_)
            allowed[[self.row_of[item] for item in hidden if item in self.row_of]] = False
        hits = self.live.search(np.array([query], dtype=np.float32), limit, allowed=allowed)
        exact = self.live.view.search_exactly(np.array([query], dtype=np.float32), limit, allowed=allowed)
        np.testing.assert_array_equal(exact.rows, hits.rows)
        found = sorted(
            (-float(np.dot(query, self.model[item])), row)
            for item, row in self.row_of.items()
            if hidden is None or item not in hidden
        )[:limit]
        assert hits.rows[0].tolist() == [row for _, row in found] + [-1] * (limit - len(found))
        assert [-score for score in hits.scores[0, : len(found)].tolist()] == [score for score, _ in found]

    @invariant()
    def counts_and_rows_agree(self) -> None:
        live, ids = self.live, list(self.row_of)
        assert (len(live), live.row_count) == (len(self.model), self.rows)
        assert live.tombstone_count == self.rows - len(self.model)
        assert sorted(self.row_of.values()) == np.flatnonzero(live.alive).tolist()
        rows = live.rows([*ids, "nobody"])
        assert rows.tolist() == [*self.row_of.values(), -1]
        assert live.item_ids(rows[:-1]) == ids
        assert [tuple(vector) for vector in live.vectors(rows[:-1]).tolist()] == [self.model[i] for i in ids]

    @invariant()
    def views_keep_their_moment(self) -> None:
        for view, row_of in self.kept:
            assert view.rows(list(row_of)).tolist() == list(row_of.values())
            assert len(view) == len(row_of) == np.count_nonzero(view.alive)


LiveMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestLiveMachine = LiveMachine.TestCase


@pytest.mark.parametrize("seed", range(5))
def test_long_histories_end_like_a_fresh_index(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = grid(100, seed=seed)
    live = LiveIndex.open(snapshot_of(vectors, build_faiss(vectors)))
    model = dict(zip(names(100), vectors, strict=True))
    for _ in range(150):
        chosen = [f"item-{row}" for row in rng.integers(140, size=rng.integers(1, 6))]
        if rng.random() < 0.4:
            live.remove(chosen)
            model = {item: vector for item, vector in model.items() if item not in chosen}
        else:
            points = grid(len(chosen), seed=int(rng.integers(1_000_000)))
            live.upsert(chosen, points)
            model |= dict(zip(chosen, points, strict=True))
    fresh = ExactIndex(np.array(list(model.values())))
    queries = grid(10, seed=seed + 1)
    ours, theirs = live.search(queries, 60), fresh.search(queries, 60)
    np.testing.assert_array_equal(ours.scores, theirs.scores)
    assert set(live.item_ids(np.flatnonzero(live.alive))) == set(model)
