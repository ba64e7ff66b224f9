"""ItemSquare: what every item says for every other, by ridge regression in closed form, within a bound of memory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.evaluation.salted import Ties
from ranker.interactions import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MOST_ITEMS = 24_000
"""The square is dense, 2.3 GB at this many items: of larger catalogues only the most met items take part."""
PRECISE_ITEMS = 6_000
"""Up to this many items the square is solved in float64 (0.3 GB), beyond in float32."""
BLOCK = 1_024

Square = NDArray[np.float32] | NDArray[np.float64]
"""(k, k), symmetric where it is a Gram matrix."""


@dataclass(frozen=True, slots=True)
class ItemSquare:
    """`weights[i, j]` says how much meeting item `rows[i]` speaks for item `rows[j]`; 0 on the diagonal."""

    rows: Rows
    weights: Floats
    item_count: int

    def scores(self, read: "csr_array") -> Floats:
        """Return (m, item_count) the sums over what was read (m, item_count); NaN for items that take no part."""
        scores = np.full((read.shape[0], self.item_count), np.nan, dtype=np.float32)
        scores[:, self.rows] = read[:, self.rows] @ self.weights
        return scores


def most_met(pairs: "csr_array", ties: Ties) -> Rows:
    """Return ascending rows of the items (columns) that anybody met, the most met first to be kept, ties by `ties`."""
    counts = np.bincount(pairs.indices, minlength=pairs.shape[1])
    order = np.lexsort((ties, -counts))[: min(MOST_ITEMS, int((counts > 0).sum()))]
    return np.sort(order)


def empty_gram(count: int) -> Square:
    """Return zeros (count, count) of the precision that so many items are solved in."""
    shape = (count, count)
    return np.zeros(shape, dtype=np.float64) if count <= PRECISE_ITEMS else np.zeros(shape, dtype=np.float32)


def gram(pairs: "csr_array") -> Square:
    """Return (k, k) X^T X, block by block: as a sparse matrix it could be larger than it is dense."""
    square = empty_gram(pairs.shape[1])
    turned, columns = pairs.T.tocsr(), pairs.tocsc()
    for start in range(0, len(square), BLOCK):
        square[:, start : start + BLOCK] = (turned @ columns[:, start : start + BLOCK]).toarray()
    return square


def regress(square: Square, ridge: float) -> Square:
    """Turn a Gram matrix, in its own memory, into B = I - P / diag(P), P the inverse of the matrix plus `ridge` I.

    Steck 2019, "Embarrassingly shallow autoencoders for sparse data", equation 8. Raises LinAlgError where the
    matrix is not positive definite, as no Gram matrix with a ridge above rounding is.
    """
    square[np.diag_indices_from(square)] += ridge
    _invert(square)
    square /= -square.diagonal().copy()
    np.fill_diagonal(square, 0.0)
    return square


def _invert(square: Square) -> None:
    """Invert a symmetric positive definite matrix in its own memory, by Cholesky."""
    from scipy.linalg import lapack

    if not len(square):
        return
    precise = square.dtype == np.float64
    factorise, invert = (lapack.dpotrf, lapack.dpotri) if precise else (lapack.spotrf, lapack.spotri)
    # The transposed view is what LAPACK calls contiguous, so that nothing is copied; its upper half is our lower one.
    factor, failed = factorise(square.T, lower=False, overwrite_a=True, clean=False)
    if failed:
        raise np.linalg.LinAlgError(
            f"the Gram matrix is not positive definite at row {failed}; expected a larger ridge"
        )
    inverse, _ = invert(factor, lower=False, overwrite_c=True)
    if not np.may_share_memory(inverse, square):
        square[:] = inverse.T
    for start in range(0, len(square), BLOCK):
        stop = start + BLOCK
        square[start:stop, stop:] = square[stop:, start:stop].T
        corner = np.tril(square[start:stop, start:stop])
        square[start:stop, start:stop] = corner + np.tril(corner, -1).T
