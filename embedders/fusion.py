"""Fusion: the strands of an item as unit blocks side by side; all weights sit on the query.

score(query, item) = sum over item strands s of w_s * z_s / sum of w_s over the strands the item has, where z_s is the
weighted sum of the cosines of the query's and the item's blocks of that strand, those of a text less the hubness of
the item, counted in standard deviations from the mean of that pair of strands: so texts and pictures compare. An item
that holds the very thing that is searched for is compared by what was given alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from embedders.alignment import Alignment
from embedders.blocks import Block, Pair
from embedders.encoder import Vectors
from embedders.fused_query import Channel, FusedQuery
from embedders.hubness import hubness
from embedders.items import Strand
from embedders.kernel_ridge import KernelRidge
from embedders.kin import LENGTH
from embedders.spaces import Affine, present, unit
from embedders.text_map import TextMap

QueryRows = Mapping[Strand, Vectors]
"""Rows (m, width) of m queries by the strand they are given in."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """Learned by `fit_fusion`; the same for every item, whenever it comes.

    `own` maps each strand to its own block (the texts' is the shared space), `alignments` the others into the shared
    space, `text_maps` texts into the others' own; `references` (r, d) are texts of the catalogue, against which
    hubness is counted; `pairs` is keyed by the strands of query and item; `report` says what was chosen and why.
    `kin` maps strands into the space of the categories, and `alike` stands for the pairs of equal strands where the
    query is an item or a profile: what is like it is wanted then, not the thing itself.
    """

    blocks: tuple[Block, ...]
    own: Mapping[Strand, Affine]
    alignments: Mapping[Strand, Alignment]
    text_maps: Mapping[Strand, TextMap]
    references: Vectors
    pairs: Mapping[tuple[Strand, Strand], Pair]
    report: Mapping[str, float] = field(default_factory=dict)
    kin: Mapping[Strand, KernelRidge] = field(default_factory=dict)
    alike: Mapping[Strand, Pair] = field(default_factory=dict)

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
        Raises ValueError for unequal numbers of rows or a wrong dimension.
        """
        fused = np.zeros((self._count(vectors), self.dimension), dtype=np.float32)
        for block in self.blocks:
            if block.strand not in vectors:
                continue
            mapped = self._block_rows(block, vectors[block.strand])
            fused[:, block.start : block.stop] = mapped
            if block.hub:
                references = self.references if block.aligned else self.text_maps[block.strand].references
                fused[:, block.stop] = hubness(mapped, references)
        return fused

    def _block_rows(self, block: Block, rows: Vectors) -> Vectors:
        if block.kin:
            return np.float32(LENGTH) * unit(self.kin[block.strand].crossed(rows))
        if block.aligned:
            return self.alignments[block.strand].items(rows)
        return unit(self.own[block.strand](rows))

    def query(
        self,
        vectors: Mapping[Strand, Vectors],
        *,
        weights: Mapping[Strand, float] | None = None,
        towers: QueryRows | None = None,
    ) -> FusedQuery:
        """Return m queries given by any of the strands, zero rows for a strand that a query does not use.

        A strand of the query is compared with the same strand of the items, or, where the query lacks that, with the
        other strands by what was learnt. `weights` multiply the learned ones by item strand; a strand they do not
        name counts nothing. `towers` are the queries' texts (m, dimension) as the text towers of other strands encode
        them; what stands in for a tower without them is less exact. Raises ValueError as `fuse` does, and for weights
        below 0 or not finite.
        """
        count = self._count(vectors)
        own = {strand: unit(self.own[strand](rows)) for strand, rows in vectors.items() if strand in self.own}
        shared = {s: self.alignments[s].queries(rows) for s, rows in vectors.items() if s in self.alignments}
        asked = {s: self.text_maps[s].by_tower(rows) for s, rows in (towers or {}).items() if s in self.text_maps}
        kin = {strand: unit(self.kin[strand](rows)) for strand, rows in vectors.items() if strand in self.kin}
        return self._query(count, own, shared, kin, weights, towers=asked)

    def as_query(self, fused: Vectors, *, weights: Mapping[Strand, float] | None = None) -> FusedQuery:
        """Return items or profiles (m, dimension) as queries; their blocks need not be unit vectors."""
        if fused.ndim != 2 or fused.shape[1] != self.dimension:
            raise ValueError(f"fused has shape {fused.shape}; expected (m, {self.dimension})")
        rows = {block: unit(fused[:, block.start : block.stop]) for block in self.blocks}
        own = {block.strand: rows[block] for block in self.blocks if not block.aligned and not block.kin}
        shared = {block.strand: rows[block] for block in self.blocks if block.aligned}
        kin = {block.strand: rows[block] for block in self.blocks if block.kin}
        return self._query(len(fused), own, shared, kin, weights, alike=self.alike)

    def _query(
        self,
        count: int,
        own: QueryRows,
        shared: QueryRows,
        kin: QueryRows,
        weights: Mapping[Strand, float] | None,
        *,
        towers: QueryRows | None = None,
        alike: Mapping[Strand, Pair] | None = None,
    ) -> FusedQuery:
        channels = []
        pairs = {**self.pairs, **{(strand, strand): pair for strand, pair in (alike or {}).items()}}
        for (asked, wanted), pair in pairs.items():
            factor = 1.0 if weights is None else _weight(weights, wanted)
            if asked not in own or not factor:
                continue
            used = present(own[asked])
            if asked is not wanted and wanted in own:
                # A query that has this strand itself is compared by that alone.
                used &= ~present(own[wanted])
            if not used.any():
                continue
            rows = np.zeros((count, self.dimension), dtype=np.float32)
            for comparison in pair.comparisons:
                block = self.blocks[comparison.place]
                scale = comparison.weight / pair.deviation
                rows[:, block.start : block.stop] += np.float32(scale) * self.query_rows(
                    asked, block, own, shared, kin, towers
                )
                if comparison.hub:
                    rows[:, block.stop] -= scale
            strength = used.astype(np.float32) * np.float32(pair.weight * factor)
            same = sum(comparison.weight for comparison in pair.comparisons) / pair.deviation
            sought = same if asked is wanted and alike is None else None
            channels.append(Channel(self.strands.index(wanted), rows, pair.mean / pair.deviation, strength, sought))
        first = {block.strand: block for block in reversed(self.blocks)}
        spans = tuple((first[strand].start, first[strand].stop) for strand in self.strands)
        return FusedQuery(count, self.dimension, tuple(channels), spans)

    def query_rows(
        self,
        asked: Strand,
        block: Block,
        own: QueryRows,
        shared: QueryRows,
        kin: QueryRows,
        towers: QueryRows | None = None,
    ) -> Vectors:
        """Return rows (m, width of block): queries in the strand `asked`, whose products with a block are cosines.

        `own` are the queries as own blocks by strand, `shared` as aligned blocks, `kin` as unit rows in the space of
        categories, `towers` as their texts lie in the own block of another strand by its tower.
        """
        if block.kin:
            return kin[asked] / np.float32(LENGTH)
        if asked is block.strand:
            return shared[asked] if block.aligned else own[asked]
        if asked is not Strand.TEXT:
            return shared[asked]
        if block.aligned:
            return own[asked]
        by_tower = (towers or {}).get(block.strand)
        return self.text_maps[block.strand](own[asked]) if by_tower is None else by_tower

    def _count(self, vectors: Mapping[Strand, Vectors]) -> int:
        counts = {len(rows) for rows in vectors.values()}
        if len(counts) > 1:
            raise ValueError(f"vectors have {sorted(counts)} rows; expected one number of rows for all strands")
        for strand, rows in vectors.items():
            if strand in self.own and rows.shape[1:] != self.own[strand].shift.shape:
                width = len(self.own[strand].shift)
                raise ValueError(f"vectors of {strand} have shape {rows.shape}; expected (n, {width})")
        return counts.pop() if counts else 0


def _weight(weights: Mapping[Strand, float], strand: Strand) -> float:
    weight = float(weights.get(strand, 0.0))
    if not 0.0 <= weight < np.inf:
        raise ValueError(f"weights has {weight} for {strand}; expected a finite number from 0")
    return weight
