"""Alignment: pictures and sounds mapped into the space of the texts, learnt from the catalogue's own pairs.

A map that has seen a pair brings it closer than it will bring anything unseen. So the items it was learnt from are
mapped by maps that have not seen them (cross-fitting): without it, items to be found by picture alone drown.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.spaces import Affine, present, ridge, unit

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Alignment:
    """Maps raw vectors (n, p) of one strand into the space of the texts (n, d).

    `maps` are one ridge map per fold, learnt without it, and last the one learnt from all pairs (none without
    pairs); `seen` are the sorted hashes of the vectors they learnt from. `bridge_map` takes the bridge's text vectors
    into the space, and counts `bridge_weight` beside the ridge map.
    """

    dimension: int
    maps: tuple[Affine, ...]
    seen: NDArray[np.uint64]
    bridge: Bridge | None
    bridge_map: Affine
    bridge_weight: float

    def __call__(self, vectors: Vectors) -> Vectors:
        """Return (n, d) unit rows; zero rows stay zero."""
        if not self.maps:
            return unit(self._bridged(vectors))
        digests = row_hashes(vectors)
        folds = np.where(np.isin(digests, self.seen), digests % np.uint64(FOLDS), np.uint64(FOLDS)).astype(np.int64)
        mapped = np.zeros((len(vectors), self.dimension), dtype=np.float32)
        for fold in np.unique(folds):
            mapped[folds == fold] = unit(self.maps[fold](vectors[folds == fold]))
        return unit(mapped + self.bridge_weight * unit(self._bridged(vectors)))

    def unseen(self, vectors: Vectors) -> Vectors:
        """Return (n, d) unit rows of queries, mapped by all that was learnt."""
        mapped = unit(self.maps[-1](vectors)) if self.maps else np.zeros((len(vectors), self.dimension), np.float32)
        return unit(mapped + (self.bridge_weight if self.maps else 1.0) * unit(self._bridged(vectors)))

    def _bridged(self, vectors: Vectors) -> Vectors:
        if self.bridge is None:
            return np.zeros((len(vectors), self.dimension), dtype=np.float32)
        return self.bridge_map(self.bridge(vectors))


def row_hashes(vectors: Vectors) -> NDArray[np.uint64]:
    """Return a number (n,) for each row that depends on its content alone."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    digests = [hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def fit_alignment(
    vectors: Vectors,
    texts: Vectors,
    *,
    strength: float,
    bridge: Bridge | None,
    bridge_map: Affine,
    bridge_weight: float,
) -> Alignment:
    """Learn from the rows that have both: `vectors` (n, p) raw, `texts` (n, d) in the space, zero where missing."""
    pairs = present(vectors) & present(texts)
    inputs, targets = vectors[pairs], texts[pairs]
    digests = row_hashes(inputs)
    order = np.argsort(digests, kind="stable")  # sums in one order whatever the order of the items
    inputs, targets, digests = inputs[order], targets[order], digests[order]
    folds = digests % np.uint64(FOLDS)
    sets = [folds != fold for fold in range(FOLDS)]
    maps: Sequence[Affine] = ()
    if len(digests) and all(kept.any() for kept in sets):
        sets.append(np.ones(len(folds), dtype=np.bool_))
        maps = [ridge(inputs[kept], targets[kept], strength) for kept in sets]
    return Alignment(
        texts.shape[1], tuple(maps), np.unique(digests) if maps else digests[:0], bridge, bridge_map, bridge_weight
    )
