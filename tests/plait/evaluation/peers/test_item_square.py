"""The square in its own memory beside numpy's inverse; what takes part in it."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from plait.evaluation.peers import item_square
from plait.evaluation.peers.item_square import ItemSquare, gram, most_met, regress


def _met(users: int, items: int, *, seed: int = 0) -> csr_array:
    rng = np.random.default_rng(seed)
    return csr_array((rng.random((users, items)) < 0.3).astype(np.float32))


@pytest.mark.parametrize("block", [1, 4, 7, 64])
def test_the_gram_matrix_block_by_block(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(item_square, "BLOCK", block)
    pairs = _met(20, 15)
    np.testing.assert_array_equal(gram(pairs), pairs.toarray().T @ pairs.toarray())


@pytest.mark.parametrize("block", [1, 4, 7, 64])
@pytest.mark.parametrize("precise", [True, False])
def test_the_regression_beside_one_ridge_regression_an_item(
    monkeypatch: pytest.MonkeyPatch, block: int, precise: bool
) -> None:
    monkeypatch.setattr(item_square, "BLOCK", block)
    monkeypatch.setattr(item_square, "PRECISE_ITEMS", 100 if precise else 0)
    pairs = _met(40, 15)
    square = gram(pairs)
    assert square.dtype == (np.float64 if precise else np.float32)
    weights = regress(square, 3.0)
    assert weights is square
    dense = pairs.toarray().astype(np.float64)
    for item in range(15):
        others = np.delete(np.arange(15), item)
        left = dense[:, others].T @ dense[:, others] + 3.0 * np.eye(14)
        wanted = np.linalg.solve(left, dense[:, others].T @ dense[:, item])
        np.testing.assert_allclose(weights[others, item], wanted, atol=1e-10 if precise else 1e-4)
        assert weights[item, item] == 0.0


def test_what_is_no_gram_matrix_is_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="expected a larger ridge"):
        regress(np.asarray([[1.0, 5.0], [5.0, 1.0]]), 0.5)


def test_nothing_met_is_no_error() -> None:
    nothing = csr_array(np.zeros((3, 4), dtype=np.float32))
    rows = most_met(nothing, np.arange(4, dtype=np.uint64))
    assert rows.tolist() == []
    square = ItemSquare(rows, regress(gram(nothing[:, rows]), 1.0).astype(np.float32), 4)
    assert np.isnan(square.scores(nothing)).all()


def test_the_most_met_items_take_part_and_ties_do_not_look_at_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = csr_array(np.asarray([[1, 1, 0, 1, 1], [1, 0, 0, 1, 0], [1, 0, 0, 0, 0]], dtype=np.float32))
    monkeypatch.setattr(item_square, "MOST_ITEMS", 3)
    assert most_met(pairs, np.asarray([0, 9, 0, 0, 5], dtype=np.uint64)).tolist() == [0, 3, 4]
    assert most_met(pairs, np.asarray([0, 5, 0, 0, 9], dtype=np.uint64)).tolist() == [0, 1, 3]


def test_items_that_take_no_part_cannot_be_scored() -> None:
    square = ItemSquare(np.asarray([0, 2]), np.asarray([[0.0, 0.5], [0.25, 0.0]], dtype=np.float32), 3)
    scores = square.scores(csr_array(np.asarray([[1, 1, 0], [0, 0, 2]], dtype=np.float32)))
    np.testing.assert_array_equal(scores, [[0.0, np.nan, 0.5], [0.5, np.nan, 0.0]])
