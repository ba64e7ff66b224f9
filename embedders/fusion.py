"""Fusion: the strands of an item as unit blocks side by side; all weights sit on the query.

score(query, item) = sum over item strands s of w_s * z_s / sum of w_s over the strands the item has, where z_s is the
cosine of the query's and the item's block, less half the item's hubness (CSLS, Conneau et al. 2018), counted in
standard deviations from the mean of that pair of strands, so that texts and pictures can be compared.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embedders.alignment import Alignment
from embedders.encoder import Vectors
from embedders.fused_query import FusedQuery, Term
from embedders.items import Strand
from embedders.spaces import Affine, present, unit

HUB_NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Block:
    """Where a block lies in the fused vector: coordinates `start .. stop - 1`, then, if `hub`, one of hubness."""

    strand: Strand
    aligned: bool
    start: int
    stop: int
    hub: bool

    @property
    def end(self) -> int:
        """The first coordinate behind the block."""
        return self.stop + self.hub


@dataclass(frozen=True, slots=True)
class Pair:
    """How a query strand is compared with a block: mean and deviation of what is no match, and its usual weight."""

    mean: float = 0.0
    deviation: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Fusion:
    """Learned by `fit_fusion`; the same for every item, whenever it comes.

    `own` maps each strand to its own block (the texts' is the shared space), `alignments` the others into the shared
    space; `references` (r, d) are texts of the catalogue against which hubness is counted; `pairs` is keyed by
    (query strand, place of the block in `blocks`).
    """

    blocks: tuple[Block, ...]
    own: Mapping[Strand, Affine]
    alignments: Mapping[Strand, Alignment]
    references: Vectors
    pairs: Mapping[tuple[Strand, int], Pair]
    report: Mapping[str, float] = field(default_factory=dict)

    @property
    def dimension(self) -> int:
        """Length of a fused vector."""
        return max((block.end for block in self.blocks), default=0)

    @property
    def strands(self) -> tuple[Strand, ...]:
        """The strands that items have, in the order of parts."""
        return tuple(dict.fromkeys(block.strand for block in self.blocks))

    def fuse(self, vectors: Mapping[Strand, Vectors]) -> Vectors:
        """Return fused items (n, dimension) of raw vectors by strand, zero rows for a missing strand.

        A row depends on its own content alone, so an item added later gets what it would have got in the batch.
        """
        count = max((len(rows) for rows in vectors.values()), default=0)
        fused = np.zeros((count, self.dimension), dtype=np.float32)
        for block in self.blocks:
            rows = vectors.get(block.strand)
            if rows is None:
                continue
            mapped = self.alignments[block.strand](rows) if block.aligned else unit(self.own[block.strand](rows))
            fused[:, block.start : block.stop] = mapped
            if block.hub:
                fused[:, block.stop] = self.hubness(mapped)
        return fused

    def query(self, vectors: Mapping[Strand, Vectors], *, weights: Mapping[Strand, float] | None = None) -> FusedQuery:
        """Return m queries given by any of the strands, zero rows for a strand that a query does not use.

        A strand of the query is compared with the same strand of the items in its own space, and with the other
        strands in the shared space. `weights` multiply the learned ones by item strand.
        """
        own = {strand: unit(self.own[strand](rows)) for strand, rows in vectors.items() if strand in self.own}
        shared = {
            strand: self.alignments[strand].unseen(rows) if strand in self.alignments else own.get(strand)
            for strand, rows in vectors.items()
            if strand in self.alignments or strand is Strand.TEXT
        }
        return self._query(own, {s: rows for s, rows in shared.items() if rows is not None}, weights)

    def as_query(self, fused: Vectors, *, weights: Mapping[Strand, float] | None = None) -> FusedQuery:
        """Return items or profiles (m, dimension) as queries; their blocks need not be unit vectors."""
        own: dict[Strand, Vectors] = {}
        shared: dict[Strand, Vectors] = {}
        for block in self.blocks:
            rows = unit(fused[:, block.start : block.stop])
            if not block.aligned:
                own[block.strand] = rows
            if block.aligned or block.strand is Strand.TEXT:
                shared[block.strand] = rows
        return self._query(own, shared, weights)

    def _query(
        self,
        own: Mapping[Strand, Vectors],
        shared: Mapping[Strand, Vectors],
        weights: Mapping[Strand, float] | None,
    ) -> FusedQuery:
        count = max((len(rows) for rows in (*own.values(), *shared.values())), default=0)
        terms = []
        for (asked, place), pair in self.pairs.items():
            block = self.blocks[place]
            rows = (own if block.strand is asked and not block.aligned else shared).get(asked)
            if rows is None:
                continue
            weight = pair.weight * (1.0 if weights is None else weights.get(block.strand, 0.0))
            used = present(rows).astype(np.float32) * weight
            if asked is not block.strand and block.strand in own:
                # A query that has this strand itself is compared in that strand's own space only.
                used = used * ~present(own[block.strand])
            if used.any():
                part = self.strands.index(block.strand)
                terms.append(Term(part, block.start, block.stop, block.hub, rows, used, pair.mean, pair.deviation))
        spans = tuple(
            tuple((block.start, block.stop) for block in self.blocks if block.strand is strand)
            for strand in self.strands
        )
        return FusedQuery(count, self.dimension, tuple(terms), spans)

    def hubness(self, rows: Vectors) -> NDArray[np.float32]:
        """Return (n,) the mean cosine of shared-space rows to their nearest reference texts."""
        if not len(self.references):
            return np.zeros(len(rows), dtype=np.float32)
        nearest = min(HUB_NEIGHBOURS, len(self.references))
        similar = np.partition(rows @ self.references.T, -nearest, axis=1)[:, -nearest:]
        return np.asarray(similar.mean(axis=1) * present(rows), dtype=np.float32)

    @property
    def fingerprint(self) -> str:
        """A hash of everything learned."""
        from embedders.fusion_arrays import to_arrays

        digest = hashlib.sha256()
        for name, array in sorted(to_arrays(self).items()):
            digest.update(json.dumps([name, array.shape, str(array.dtype)]).encode() + array.tobytes())
        return digest.hexdigest()
