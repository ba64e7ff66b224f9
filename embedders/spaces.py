"""Small algebra of vector spaces: unit rows, principal axes, hashes of rows."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors

SAMPLE = 2_000
"""Rows that are looked at, at most, where all would tell no more."""


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


def identity(dimension: int) -> Affine:
    """Return the map that changes nothing."""
    return Affine(np.zeros(dimension, np.float32), np.eye(dimension, dtype=np.float32))


def centre(vectors: Vectors) -> Vectors:
    """Return the mean (dimension,) of n rows, drawn towards zero as if one row of zeros were among them.

    So a single row, or rows that are all equal, are not moved to zero, which would mean "missing".
    """
    return np.asarray(vectors.sum(axis=0, dtype=np.float64) / (len(vectors) + 1.0), dtype=np.float32)


def principal_axes(vectors: Vectors, dimension: int) -> Affine:
    """Return the map to at most `dimension` principal axes of the rows, centred; the sign of an axis is fixed."""
    shift = centre(vectors)
    centred = (vectors - shift).astype(np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred)
    kept = axes[:, ::-1][:, : min(dimension, len(values))]
    kept = kept * np.where(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])] < 0, -1.0, 1.0)
    return Affine(shift, kept.astype(np.float32))


def row_hashes(vectors: Vectors) -> NDArray[np.uint64]:
    """Return a number (n,) for each row that depends on its content alone."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    digests = [hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def in_hash_order(vectors: Vectors, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers `rows` of rows, ordered by the hash of the row: as good as random, whatever their order."""
    return rows[np.argsort(row_hashes(vectors[rows]), kind="stable")]


def sample(vectors: Vectors) -> Vectors:
    """Return at most SAMPLE different rows, none of them zero, the same ones whatever the order of the rows."""
    return vectors[sample_places(vectors)]


def sample_places(vectors: Vectors) -> NDArray[np.int64]:
    """Return the numbers of the rows that `sample` takes."""
    known = np.flatnonzero(present(vectors))
    _, first = np.unique(row_hashes(vectors[known]), return_index=True)
    return known[first[:SAMPLE]]
