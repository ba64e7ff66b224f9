"""Kernel ridge regression from one space into another, with maps that have not seen a fold of the pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors
from embedders.spaces import centre, present, row_hashes, unit

FOLDS = 5
CENTRES = 1_500
"""Support vectors at most; with more pairs than that it is the Nystroem approximation over all pairs."""
LEAST_EIGENVALUE = 1e-6
"""Of the kernel, as a share of the largest: what lies below is rounding."""


@dataclass(frozen=True, slots=True)
class KernelRidge:
    """x -> sum of exp(-steepness * |u - s|^2) * coefficient over the support vectors s, u = unit(x - shift).

    `support` (s, p) unit rows, `coefficients` (FOLDS + 1, s, d): one set learnt without each fold, the last from all
    pairs. `seen` (pairs,) are the sorted hashes of the rows that were learnt from.
    """

    shift: Vectors
    support: Vectors
    coefficients: NDArray[np.float32]
    seen: NDArray[np.uint64]
    steepness: float

    @property
    def dimension(self) -> int:
        """Length of a mapped vector."""
        return int(self.coefficients.shape[2])

    def __call__(self, vectors: Vectors) -> Vectors:
        """Map rows (n, p) by all that was learnt to (n, d); zero rows stay zero."""
        return self.by_fold(vectors, np.full(len(vectors), FOLDS))

    def crossed(self, vectors: Vectors) -> Vectors:
        """Map each row that was learnt from by the map that has not seen it, other rows by all that was learnt.

        A map brings a pair it has seen closer than it will bring anything unseen: without this, whatever is new
        drowns among what was learnt from.
        """
        digests = row_hashes(vectors)
        return self.by_fold(vectors, np.where(np.isin(digests, self.seen), fold_of(digests), FOLDS))

    def by_fold(self, vectors: Vectors, folds: NDArray[np.int64]) -> Vectors:
        """Map each row by the map learnt without the fold (n,) that is named, FOLDS for none."""
        mapped = np.zeros((len(vectors), self.dimension), dtype=np.float32)
        kernel = _kernel(unit(vectors - self.shift), self.support, self.steepness)
        for fold in np.unique(folds).tolist():
            chosen = folds == fold
            mapped[chosen] = kernel[chosen] @ self.coefficients[fold]
        return mapped * present(vectors)[:, None]


def fold_of(digests: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the fold (n,) of rows with these hashes."""
    return (digests % np.uint64(FOLDS)).astype(np.int64)


def fit_kernel_ridges(
    inputs: Vectors,
    targets: Vectors,
    *,
    steepness: float,
    strengths: Sequence[float],
    folds: NDArray[np.int64] | None = None,
) -> list[KernelRidge]:
    """Learn from n pairs, `inputs` (n, p) and `targets` (n, d), one map a strength.

    Minimises |f(inputs) - targets|^2 + strength * |f|^2 in the space of the Gaussian kernel (Saunders et al., "Ridge
    regression learning algorithm in dual variables", 1998; with more than CENTRES pairs the Nystroem approximation,
    Williams and Seeger 2001). `folds` (n,) are those of the hashes of `inputs` unless given. Returns nothing where
    there is one fold only, because leaving it out leaves nothing to learn from.
    """
    digests = row_hashes(inputs)
    folds = fold_of(digests) if folds is None else folds
    if len(np.unique(folds)) < 2:
        return []
    shift = centre(inputs)
    rows = unit(inputs - shift)
    seen, first = np.unique(digests, return_index=True)
    support = rows[first[:CENTRES]]
    whiten = _whitening(_kernel(support, support, steepness).astype(np.float64))
    grams, products = [], []
    for fold in range(FOLDS):
        features = _kernel(rows[folds == fold], support, steepness) @ whiten
        grams.append(features.T @ features)
        products.append(features.T @ targets[folds == fold])
    gram, product = np.sum(grams, axis=0), np.sum(products, axis=0)
    # One map without each fold, the last without none.
    kept = [(gram - g, product - p) for g, p in zip(grams, products, strict=True)] + [(gram, product)]
    found = []
    for strength in strengths:
        ridge = strength * np.eye(len(gram))
        coefficients = np.stack([whiten @ np.linalg.solve(left + ridge, right) for left, right in kept])
        found.append(KernelRidge(shift, support, coefficients.astype(np.float32), seen, steepness))
    return found


def kernel_features(ridge: KernelRidge, inputs: Vectors) -> tuple[Vectors, Vectors, Vectors]:
    """Return the map's inputs as features, in which it is linear.

    Features (n, r) of `inputs` (n, p); the matrix (s, r) that makes weights (r, d) of features into coefficients; and
    the features (s, r) of the support vectors, whose transpose makes coefficients into weights.
    """
    own = _kernel(ridge.support, ridge.support, ridge.steepness)
    whitening = _whitening(own.astype(np.float64)).astype(np.float32)
    features = _kernel(unit(inputs - ridge.shift), ridge.support, ridge.steepness) @ whitening
    return features, whitening, own @ whitening


def _whitening(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix (s, r) that makes columns of kernel values into features whose inner product is the kernel."""
    values, axes = np.linalg.eigh(kernel)
    kept = values > LEAST_EIGENVALUE * values[-1]
    return np.asarray(axes[:, kept] / np.sqrt(values[kept]))


def _kernel(rows: Vectors, support: Vectors, steepness: float) -> NDArray[np.float32]:
    # |u - s|^2 = 2 - 2 u.s, as both are unit vectors
    return np.asarray(np.exp(np.float32(2.0 * steepness) * (rows @ support.T - 1.0)), dtype=np.float32)
