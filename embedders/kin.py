"""Kin: what the categories of a catalogue teach of its contents, so that items of one kind are found alike."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.kernel_ridge import KernelRidge, fit_kernel_ridges
from embedders.spaces import in_hash_order, present

Categories = Sequence[tuple[str, ...]]
"""The categories of n items, () for an item that has none."""

STEEPNESS = 1.0
STRENGTH = 0.3
MOST_CATEGORIES = 64
"""The categories that most items have are learnt, at most so many: each is a coordinate of a block."""
LEAST_ITEMS = 2
"""Of a category: what one item alone has makes it like no other."""
EVEN = 2.0
"""Added to the number of a category's items, so that the rarest do not outweigh all others."""
LESSONS = 20_000
"""Items that are learnt from, at most."""
LENGTH = 0.1
"""Of a kin block in a fused vector. A query makes up for it; who takes inner products of whole vectors, as profiles
and the ranker do, sees hardly more than the content itself."""


def category_targets(categories: Categories) -> Vectors:
    """Return (n, c) what each item is of the c most frequent categories, centred; rows of no category are zero.

    A column is divided by the root of the number of its items, so that a rare category counts as much as a frequent
    one. c is 0 where fewer than two categories have LEAST_ITEMS.
    """
    counts = Counter(name for names in categories for name in set(names))
    known = sorted((name for name in counts if counts[name] >= LEAST_ITEMS), key=lambda name: (-counts[name], name))
    columns = {name: column for column, name in enumerate(known[:MOST_CATEGORIES])}
    if len(columns) < 2:
        return np.zeros((len(categories), 0), dtype=np.float32)
    targets = np.zeros((len(categories), len(columns)), dtype=np.float64)
    for row, names in enumerate(categories):
        targets[row, [columns[name] for name in set(names) & columns.keys()]] = 1.0
    learnt = targets.any(axis=1)
    targets[learnt] = (targets[learnt] - targets[learnt].mean(axis=0)) / np.sqrt(targets.sum(axis=0) + EVEN)
    return targets.astype(np.float32)


def fit_kin(vectors: Mapping[Strand, Vectors], categories: Categories) -> dict[Strand, KernelRidge]:
    """Learn a map from raw rows (n, dimension) of each strand to categories, the same space for all strands.

    Only items with a category are learnt from. Items are mapped by maps that have not seen their own category, so
    that one whose category is not known is found as often. A strand in which too little is known has no map.
    """
    targets = category_targets(categories)
    found = {}
    for strand, raw in vectors.items():
        if not targets.shape[1]:
            continue
        rows = in_hash_order(raw, np.flatnonzero(present(raw) & present(targets)))[:LESSONS]
        ridges = fit_kernel_ridges(raw[rows], targets[rows], steepness=STEEPNESS, strengths=[STRENGTH])
        if ridges:
            found[strand] = ridges[0]
    return found
