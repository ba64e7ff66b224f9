"""Item-kNN: the nearest of each item beside the whole square and a loop over pairs, and the choice on validation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from plait.evaluation.peers import item_knn
from plait.evaluation.peers.item_knn import SETTINGS, FittedItemKnn, ItemKnn
from plait.evaluation.splitters import last_liked
from ranker.interactions import Floats, Histories, Interactions
from tests.plait.evaluation.logs import checkerboard


def _interactions(pairs: list[tuple[int, int]]) -> Interactions:
    users, items = (np.asarray(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    return Interactions(users, items, np.arange(len(pairs), dtype=np.float64), np.ones(len(pairs), np.float32), 6, 5)


def _slow_cosine(pairs: list[tuple[int, int]], shrinkage: float) -> Floats:
    readers = [{user for user, item in pairs if item == row} for row in range(5)]
    cosine = np.zeros((5, 5), dtype=np.float32)
    for a in range(5):
        for b in range(5):
            if a != b and readers[a] and readers[b]:
                both = len(readers[a] & readers[b])
                cosine[a, b] = both / (np.sqrt(len(readers[a]) * len(readers[b])) + shrinkage)
    return cosine


def _slow(pairs: list[tuple[int, int]], shrinkage: float, neighbours: int) -> Floats:
    """Return the dense square with all but the nearest of each column taken out."""
    cosine = _slow_cosine(pairs, shrinkage)
    bounds = np.sort(cosine, axis=0)[::-1][min(neighbours, 5) - 1]
    return np.where(cosine >= np.maximum(bounds, np.float32(1e-9)), cosine, np.float32(0.0))


@pytest.mark.parametrize("at_once", [1, 7, 2**22])
@given(
    pairs=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=40),
    shrinkage=st.sampled_from([0.0, 1.0, 20.0]),
    neighbours=st.integers(1, 6),
)
@settings(max_examples=60, deadline=None)
def test_beside_a_loop_over_pairs_of_items(
    at_once: int, pairs: list[tuple[int, int]], shrinkage: float, neighbours: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(item_knn, "NUMBERS_AT_ONCE", at_once)
        found = item_knn.nearest(_interactions(pairs), shrinkage, neighbours)
    np.testing.assert_allclose(found.toarray(), _slow(pairs, shrinkage, neighbours), atol=1e-6)


def _dense(interactions: Interactions, shrinkage: float, neighbours: int) -> Floats:
    """Return what the whole square in float32 gives."""
    met = np.zeros((interactions.user_count, interactions.item_count), dtype=np.float32)
    met[interactions.users, interactions.items] = 1.0
    together = met.T @ met
    sizes = np.sqrt(np.diag(together))
    cosine = together / np.maximum(np.outer(sizes, sizes) + np.float32(shrinkage), np.float32(1e-9))
    np.fill_diagonal(cosine, 0.0)
    bound = np.partition(cosine, -neighbours, axis=0)[-neighbours]
    return np.where(cosine >= np.maximum(bound, np.float32(1e-9)), cosine, np.float32(0.0))


@pytest.mark.parametrize(("shrinkage", "neighbours"), [(0.0, 50), (20.0, 3), (100.0, 150)])
def test_blocks_give_the_very_numbers_of_the_whole_square(
    shrinkage: float, neighbours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    users, items = rng.integers(0, 80, 3_000), np.minimum(rng.geometric(0.02, 3_000), 200) - 1
    interactions = Interactions(users, items, np.zeros(3_000), np.ones(3_000, np.float32), 80, 200)
    monkeypatch.setattr(item_knn, "NUMBERS_AT_ONCE", 200 * 33)
    found = item_knn.nearest(interactions, shrinkage, neighbours)
    np.testing.assert_array_equal(found.toarray(), _dense(interactions, shrinkage, neighbours))
    assert found.has_sorted_indices


def test_by_hand() -> None:
    # Items 0 and 1 share two of their readers (2 and 3 of them), item 2 shares one with item 0.
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (3, 2), (0, 2)]
    cosine = item_knn.nearest(_interactions(pairs), 0.0, 5).toarray()
    assert cosine[0, 1] == pytest.approx(2 / np.sqrt(6))
    assert cosine[0, 2] == pytest.approx(1 / 2)
    assert cosine[0, 0] == 0.0


def test_each_item_keeps_its_nearest_and_what_equals_them() -> None:
    cosine = np.asarray([[0.0, 0.9, 0.1, 0.0], [0.9, 0.0, 0.5, 0.9], [0.1, 0.5, 0.0, 0.1]], dtype=np.float32)
    kept = item_knn._nearest(csr_array(cosine), 1).toarray()
    np.testing.assert_array_equal(
        kept, np.where(cosine >= np.asarray([[0.9], [0.9], [0.5]], dtype=np.float32), cosine, 0.0)
    )
    np.testing.assert_array_equal(item_knn._nearest(csr_array(cosine), 3).toarray(), cosine)


def test_no_items_have_no_neighbours() -> None:
    nothing = np.empty(0, dtype=np.int64)
    empty = Interactions(nothing, nothing, np.empty(0), np.empty(0, np.float32), 0, 0)
    assert item_knn.nearest(empty, 0.0, 5).shape == (0, 0)


def test_scores_are_sums_over_the_history() -> None:
    cosine = np.asarray([[0.0, 0.9, 0.1], [0.9, 0.0, 0.5], [0.1, 0.5, 0.0]], dtype=np.float32)
    fitted = FittedItemKnn(csr_array(cosine))
    histories = Histories(
        np.asarray([0, 2, 3]), np.asarray([0, 1, 2]), np.zeros(3), np.ones(3, np.float32), np.zeros(2)
    )
    np.testing.assert_allclose(fitted.scores(histories), [[0.9, 0.9, 0.6], [0.1, 0.5, 0.0]], rtol=1e-6)


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(checkerboard(), 0)
    assert ItemKnn().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
