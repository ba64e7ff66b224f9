"""Directions: along which the users of a log differ most, without how popular its items are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PRIOR_EVENTS = 3.0
"""Events added to those of an item before the root is taken that makes rare and popular items equally loud."""
LEAST_LEFT = 0.05
"""Of an item's column, what must be left outside the directions for a user's fit without it to be told."""


@dataclass(frozen=True, slots=True)
class Directions:
    """The strongest singular vectors of who had to do with what, Z = (X - mean) / norms.

    `vectors` (a, k) are orthonormal columns over items, `values` (k,) descending; `mean` and `norms` (a,).
    """

    vectors: NDArray[np.float64]
    values: NDArray[np.float64]
    mean: NDArray[np.float64]
    norms: NDArray[np.float64]

    @property
    def items(self) -> Floats:
        """(a, k) the items along the directions: the targets that content is to tell."""
        return np.asarray(self.vectors * self.values, dtype=np.float32)

    @property
    def loadings(self) -> NDArray[np.float64]:
        """(a, k) what a contact with an item adds to a user's taste: a user's taste is (x - mean) @ loadings."""
        return np.asarray(self.vectors / np.maximum(self.values, 1e-6) / self.norms[:, None])

    def tastes(self, contacts: "csr_matrix") -> NDArray[np.float64]:
        """Return (m, k) tastes of users with `contacts` (m, a): over those learnt from, orthonormal columns."""
        return np.asarray(contacts @ self.loadings - self.mean @ self.loadings)

    def left_out(self, contacts: "csr_matrix", told: Floats) -> Floats:
        """Return (m, a) scores of users with `contacts` (m, a) for items that content `told` (a, k), as if new.

        What a user had to do with an item says nothing of that item's own score: tastes are least squares fits of z
        along the directions, and leaving coordinate j out of one has a closed form,
        b - v_j (z_j - v_j . b) / (1 - |v_j|^2).
        """
        done = (contacts.toarray() - self.mean) / self.norms
        fitted = done @ self.vectors
        apart = (done - fitted @ self.vectors.T) / np.maximum(1.0 - (self.vectors**2).sum(axis=1), LEAST_LEFT)
        scaled = told / np.maximum(self.values, 1e-6)
        return np.asarray(fitted @ scaled.T - apart * (self.vectors * scaled).sum(axis=1), dtype=np.float32)

    def tastes_without(self, contacts: "csr_matrix", places: Rows) -> Floats:
        """Return (e, k) tastes of users with `contacts` (e, a), each without the item at one of `places` (e,)."""
        own = self.vectors[places]
        done = (contacts.toarray() - self.mean) / self.norms
        fitted = done @ self.vectors
        apart = done[np.arange(len(places)), places] - (fitted * own).sum(axis=1)
        apart /= np.maximum(1.0 - (own**2).sum(axis=1), LEAST_LEFT)
        return np.asarray((fitted - own * apart[:, None]) / np.maximum(self.values, 1e-6), dtype=np.float32)


def find_directions(contacts: "csr_matrix", most: int) -> Directions:
    """Return at most `most` directions of `contacts` (m, a), fewer where there are few items."""
    from scipy.sparse.linalg import eigsh

    mean = np.asarray(contacts.mean(axis=0), dtype=np.float64).ravel()
    norms = np.sqrt(PRIOR_EVENTS + np.bincount(contacts.indices, minlength=contacts.shape[1]))
    gram = (contacts.T @ contacts).toarray().astype(np.float64) - contacts.shape[0] * np.outer(mean, mean)
    gram /= np.outer(norms, norms)
    wanted = min(most, max(1, len(gram) // 4))
    if len(gram) <= 2 * most:
        values, vectors = np.linalg.eigh(gram)
    else:
        values, vectors = eigsh(gram, k=wanted, v0=norms)
    strongest = np.argsort(-values)[:wanted]
    return Directions(vectors[:, strongest], np.sqrt(np.maximum(values[strongest], 0.0)), mean, norms)
