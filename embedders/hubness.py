"""Hubness: how near a vector lies to everything that may be asked, so that it comes up too often."""

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors
from embedders.spaces import present

NEIGHBOURS = 10
SHARE = 0.1
"""Of the references, at most, are counted as nearest: where there are few different texts, all would tell nothing."""


def hubness(rows: Vectors, references: Vectors) -> NDArray[np.float32]:
    """Return (n,) half the mean cosine of each row (n, d) to its nearest of the `references` (r, d).

    A cosine less the hubness of the item is CSLS (Conneau et al., "Word translation without parallel data", 2018)
    up to a factor and up to what is the same for all items. Zero rows and no references give 0.
    """
    if not len(references) or not len(rows):
        return np.zeros(len(rows), dtype=np.float32)
    nearest = max(1, min(NEIGHBOURS, round(SHARE * len(references))))
    similar = np.partition(rows @ references.T, -nearest, axis=1)[:, -nearest:]
    return np.asarray(0.5 * similar.mean(axis=1) * present(rows), dtype=np.float32)
