"""FusedQuery: what an index is searched with, and how candidates are re-scored exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors


@dataclass(frozen=True, slots=True)
class StrandScores:
    """`parts` (m, c, item strands) sum to `scores` (m, c) float64; higher is better."""

    parts: NDArray[np.float64]
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: the query's `rows` (m, width) with coordinates `start .. stop - 1` of the item.

    `part` is the place of the item's strand, `weights` (m,) 0 for queries that do not make this comparison.
    """

    part: int
    start: int
    stop: int
    hub: bool
    rows: Vectors
    weights: NDArray[np.float32]
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class FusedQuery:
    """m queries; `spans` are the blocks of each item strand, by which one sees whether an item has it."""

    count: int
    dimension: int
    terms: tuple[Term, ...]
    spans: tuple[tuple[tuple[int, int], ...], ...]

    def __len__(self) -> int:
        """Return the number of queries."""
        return self.count

    def __getitem__(self, chosen: slice) -> "FusedQuery":
        """Return a part of the queries."""
        terms = tuple(
            Term(t.part, t.start, t.stop, t.hub, t.rows[chosen], t.weights[chosen], t.mean, t.deviation)
            for t in self.terms
        )
        return FusedQuery(len(range(*chosen.indices(self.count))), self.dimension, terms, self.spans)

    @property
    def vectors(self) -> Vectors:
        """(m, dimension): the inner product with an item is the sum of its weighted terms, up to constants."""
        return self._vectors(self.terms)

    def by_strand(self) -> list[Vectors]:
        """Return the queries (m, dimension) restricted to each item strand they are compared with.

        An item that has one strand only is best found by that strand's query.
        """
        parts = sorted({term.part for term in self.terms})
        return [self._vectors(tuple(term for term in self.terms if term.part == part)) for part in parts]

    def _vectors(self, terms: tuple[Term, ...]) -> Vectors:
        vectors = np.zeros((self.count, self.dimension), dtype=np.float32)
        for term in terms:
            scale = (term.weights / term.deviation)[:, None]
            vectors[:, term.start : term.stop] += scale * term.rows
            if term.hub:
                vectors[:, term.stop] -= 0.5 * scale[:, 0]
        return vectors

    def rescore(self, candidates: Vectors) -> StrandScores:
        """Score fused items (m, c, dimension) exactly: the weighted mean over the strands that an item has."""
        count, width, _ = candidates.shape
        parts = np.zeros((count, width, len(self.spans)), dtype=np.float64)
        weights = np.zeros((count, width), dtype=np.float64)
        for term in self.terms:
            block = candidates[:, :, term.start : term.stop]
            cosine = np.matmul(block, term.rows[:, :, None])[:, :, 0].astype(np.float64)
            has = block.any(axis=2)
            if term.hub:
                cosine -= 0.5 * candidates[:, :, term.stop]
            weight = term.weights[:, None] * has
            parts[:, :, term.part] += weight * ((cosine - term.mean) / term.deviation)
            weights += weight
        parts /= np.where(weights > 0, weights, 1.0)[:, :, None]
        return StrandScores(parts, parts.sum(axis=2))
