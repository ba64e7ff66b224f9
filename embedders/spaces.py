"""Small algebra of vector spaces: unit rows, principal axes, ridge maps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors


def unit(vectors: Vectors) -> Vectors:
    """Return rows (..., dimension) scaled to length 1; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)


def present(vectors: Vectors) -> NDArray[np.bool_]:
    """Return (n,) True for each row that is not zero."""
    return np.asarray(np.any(vectors != 0.0, axis=1))


@dataclass(frozen=True, slots=True)
class Affine:
    """The map x -> (x - shift) @ matrix, for rows x; zero rows stay zero."""

    shift: Vectors
    matrix: Vectors

    def __call__(self, vectors: Vectors) -> Vectors:
        """Return (n, columns of matrix) float32."""
        mapped = (vectors - self.shift) @ self.matrix
        return np.asarray(mapped * present(vectors)[:, None], dtype=np.float32)


def principal_axes(vectors: Vectors, dimension: int) -> Affine:
    """Return the map to at most `dimension` principal axes of the rows, centred; the sign of an axis is fixed."""
    shift = vectors.mean(axis=0)
    centred = vectors - shift
    gram = centred.T.astype(np.float64) @ centred
    values, axes = np.linalg.eigh(gram)
    kept = axes[:, ::-1][:, : min(dimension, len(values))]
    kept = kept * np.where(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])] < 0, -1.0, 1.0)
    return Affine(shift.astype(np.float32), kept.astype(np.float32))


def ridge(inputs: Vectors, targets: Vectors, strength: float) -> Affine:
    """Return the map that minimises |(inputs - mean) B - targets|^2 + strength |B|^2 (closed form, Hoerl 1970).

    `inputs` (n, p), `targets` (n, d); solved in the smaller of n and p dimensions.
    """
    shift = inputs.mean(axis=0)
    centred = (inputs - shift).astype(np.float64)
    count, width = centred.shape
    if count <= width:
        dual = np.linalg.solve(centred @ centred.T + strength * np.eye(count), targets.astype(np.float64))
        matrix = centred.T @ dual
    else:
        matrix = np.linalg.solve(centred.T @ centred + strength * np.eye(width), centred.T @ targets)
    return Affine(shift.astype(np.float32), matrix.astype(np.float32))
