"""How different the items of a list are from each other: by content, and by category.

Intra-list diversity is the mean difference of all pairs (Smyth, McClave 2001; Ziegler et al. 2005). `slates` (m, cut)
are rows of items, -1 where a list is shorter. An item of which nothing is known takes part in no pair; NaN where fewer
than two are known.
"""

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.evaluation.item_facts import Categories
from ranker.interactions import Floats

Values = NDArray[np.float64]


def content_diversity(slates: Rows, vectors: Floats) -> Values:
    """Return (m,) 1 - the mean cosine of each two items' vectors (n, D): 0 all alike, 1 unrelated, 2 opposite.

    A zero vector says nothing of its item.
    """
    shown = vectors[slates].astype(np.float64)
    lengths = np.linalg.norm(shown, axis=2)
    known = (slates >= 0) & (lengths > 0)
    unit = shown / np.where(known, lengths, 1.0)[:, :, None]
    return 1.0 - _mean_of_pairs(unit @ unit.transpose(0, 2, 1), known)


def category_diversity(slates: Rows, categories: Categories) -> Values:
    """Return (m,) 1 - the mean Jaccard index of each two items' categories: 0 the same ones, 1 none in common.

    An item without a category says nothing.
    """
    owned = categories[slates.ravel()].toarray().reshape(*slates.shape, categories.shape[1])
    counts = owned.sum(axis=2)
    shared = owned @ owned.transpose(0, 2, 1)
    either = counts[:, :, None] + counts[:, None, :] - shared
    return 1.0 - _mean_of_pairs(shared / np.maximum(either, 1.0), (slates >= 0) & (counts > 0))


def category_coverage(slates: Rows, categories: Categories) -> Values:
    """Return (m,) the share of all categories that some item of the list belongs to; NaN for a list without any."""
    owned = categories[slates.ravel()].toarray().reshape(*slates.shape, categories.shape[1])
    held: Mask = np.asarray(((owned > 0) & (slates >= 0)[:, :, None]).any(axis=1))
    shares: Values = held.mean(axis=1, dtype=np.float64)
    return np.where(shares > 0, shares, np.nan)


def _mean_of_pairs(alike: Values, known: Mask) -> Values:
    """Return (m,) the mean of alike (m, cut, cut) over the pairs of two different places that are known (m, cut)."""
    pairs = np.triu(known[:, :, None] & known[:, None, :], k=1)
    counts = pairs.sum(axis=(1, 2))
    sums = np.where(pairs, alike, 0.0).sum(axis=(1, 2))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
