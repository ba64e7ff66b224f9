"""What every search checks before it starts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Vectors


def checked_vectors(name: str, vectors: NDArray[Any], *, dimension: int) -> Vectors:
    """Return `vectors` as contiguous float32 (n, dimension).

    Raises ValueError, naming the argument, for another shape and for numbers that are not finite.
    """
    checked = np.ascontiguousarray(vectors, dtype=np.float32)
    if checked.ndim != 2 or checked.shape[1] != dimension:
        raise ValueError(f"{name} has shape {np.shape(vectors)}; expected (n, {dimension})")
    if not np.isfinite(checked).all():
        raise ValueError(f"{name} holds NaN or infinity; expected finite numbers")
    return checked


def check_limit(limit: int) -> None:
    """Raise ValueError unless `limit` is at least 1."""
    if limit < 1:
        raise ValueError(f"limit is {limit}; expected at least 1")


def check_mask(allowed: Mask | None, *, count: int) -> None:
    """Raise ValueError unless `allowed` is None or one boolean for each of `count` rows."""
    if allowed is not None and (allowed.dtype != np.bool_ or allowed.shape != (count,)):
        raise ValueError(f"allowed is {allowed.dtype} {allowed.shape}; expected bool ({count},)")
