"""Item-kNN: the cosine beside a loop over pairs of items, and the choice on validation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=40),
    st.sampled_from([0.0, 1.0, 20.0]),
)
def test_the_cosine_beside_a_loop(pairs: list[tuple[int, int]], shrinkage: float) -> None:
    cosine = item_knn._cosine(_interactions(pairs), shrinkage)
    np.testing.assert_allclose(cosine, _slow_cosine(pairs, shrinkage), atol=1e-6)


def test_by_hand() -> None:
    # Items 0 and 1 share two of their readers (2 and 3 of them), item 2 shares one with item 0.
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (3, 2), (0, 2)]
    cosine = item_knn._cosine(_interactions(pairs), 0.0)
    assert cosine[0, 1] == pytest.approx(2 / np.sqrt(6))
    assert cosine[0, 2] == pytest.approx(1 / 2)
    assert cosine[0, 0] == 0.0


def test_each_item_keeps_its_nearest() -> None:
    cosine = np.asarray([[0.0, 0.9, 0.1], [0.9, 0.0, 0.5], [0.1, 0.5, 0.0]], dtype=np.float32)
    kept = item_knn._nearest(cosine, 1).toarray()
    np.testing.assert_allclose(kept, [[0.0, 0.9, 0.0], [0.9, 0.0, 0.5], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(item_knn._nearest(cosine, 3).toarray(), cosine)


def test_scores_are_sums_over_the_history() -> None:
    cosine = np.asarray([[0.0, 0.9, 0.1], [0.9, 0.0, 0.5], [0.1, 0.5, 0.0]], dtype=np.float32)
    fitted = FittedItemKnn(item_knn._nearest(cosine, 3))
    histories = Histories(
        np.asarray([0, 2, 3]), np.asarray([0, 1, 2]), np.zeros(3), np.ones(3, np.float32), np.zeros(2)
    )
    np.testing.assert_allclose(fitted.scores(histories), [[0.9, 0.9, 0.6], [0.1, 0.5, 0.0]], rtol=1e-6)


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(checkerboard(), 0)
    assert ItemKnn().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
