"""FusedQuery: what an index is searched with, and how candidates are re-scored exactly."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors


@dataclass(frozen=True, slots=True)
class StrandScores:
    """`parts` (m, c, item strands) sum to `scores` (m, c) float64; higher is better.

    `compared` (m, c) says which items have any of the strands that are asked for; the others score 0.
    """

    parts: NDArray[np.float64]
    scores: NDArray[np.float64]
    compared: NDArray[np.bool_]

    def uncompared_last(self) -> "StrandScores":
        """Return the scores with no item that could not be compared above one that could.

        Scores are about 0 where nothing matches, so many that were compared are below it. What could not be compared
        then gets what the least like of the items gets, part by part.
        """
        parts, scores = self.parts.copy(), self.scores.copy()
        for query in np.flatnonzero(self.compared.any(axis=1) & ~self.compared.all(axis=1)).tolist():
            least = int(np.where(self.compared[query], scores[query], np.inf).argmin())
            if scores[query, least] < 0.0:
                parts[query, ~self.compared[query]] = parts[query, least]
                scores[query, ~self.compared[query]] = scores[query, least]
        return StrandScores(parts, scores, self.compared)


SAME = 0.999
"""From this cosine on, in a strand's own space, an item's content is taken for the very one that is asked for."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What m queries ask of one strand of the items: inner product with `rows` (m, dimension), less `offset`.

    `part` is the place of the item's strand, `weights` (m,) are 0 for queries that do not ask. `same` is the product
    where the content is the very one that is asked for, which no product is above; None where the thing itself is not
    what is wanted, or is asked for in another strand.
    """

    part: int
    rows: Vectors
    offset: float
    weights: NDArray[np.float32]
    same: float | None = None


@dataclass(frozen=True, slots=True)
class FusedQuery:
    """m queries; `spans` are the coordinates of each item strand by which one sees whether an item has it."""

    count: int
    dimension: int
    channels: tuple[Channel, ...]
    spans: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        """Return the number of queries."""
        return self.count

    def __getitem__(self, chosen: slice) -> "FusedQuery":
        """Return a part of the queries."""
        channels = tuple(replace(c, rows=c.rows[chosen], weights=c.weights[chosen]) for c in self.channels)
        return replace(self, count=len(range(*chosen.indices(self.count))), channels=channels)

    def joined(self, other: "FusedQuery") -> "FusedQuery":
        """Return queries that ask both: a score is the weighted mean over all that either asks of what an item has.

        Raises ValueError for another number of queries or another space.
        """
        if (self.count, self.dimension, self.spans) != (other.count, other.dimension, other.spans):
            raise ValueError(f"other has {other.count} queries of {other.dimension}; expected those of the same space")
        return replace(self, channels=(*self.channels, *other.channels))

    @property
    def vectors(self) -> Vectors:
        """(m, dimension): the inner product with an item is the sum of its weighted channels, up to constants."""
        return self._together(self.channels)

    def by_strand(self) -> list[Vectors]:
        """Return the queries (m, dimension) restricted to each item strand they are compared with.

        An item that has one strand only is best found by that strand's query.
        """
        parts = sorted({channel.part for channel in self.channels})
        return [self._together(tuple(c for c in self.channels if c.part == part)) for part in parts]

    def _together(self, channels: tuple[Channel, ...]) -> Vectors:
        vectors = np.zeros((self.count, self.dimension), dtype=np.float32)
        for channel in channels:
            vectors += channel.weights[:, None] * channel.rows
        return vectors

    def rescore(self, candidates: Vectors) -> StrandScores:
        """Score fused items (m, c, dimension) exactly: the weighted mean over the strands that an item has.

        An item that holds the very picture, sound or text that is asked for is compared by strands of the same kind
        alone: what its other strands seem to be, seen from that one, says nothing more. An item without any strand
        that is asked for scores 0. Raises ValueError for another number of queries.
        """
        if len(candidates) != self.count:
            raise ValueError(f"candidates are for {len(candidates)} queries; expected {self.count}")
        parts = np.zeros((*candidates.shape[:2], len(self.spans)), dtype=np.float64)
        weights = np.zeros(candidates.shape[:2], dtype=np.float64)
        same = self._same(candidates)
        found = np.any([cosines > 0.0 for cosines in same.values()], axis=0) if same else None
        for part, (start, stop) in enumerate(self.spans):
            asked = [(place, channel) for place, channel in enumerate(self.channels) if channel.part == part]
            if not asked:
                continue
            has = candidates[:, :, start:stop].any(axis=2)
            for place, channel in asked:
                products = np.matmul(candidates, channel.rows[:, :, None])[:, :, 0]
                weight = channel.weights[:, None] * has
                if channel.same is not None:
                    products = np.where(same[place] > 0.0, channel.same * same[place], products)
                elif found is not None:
                    weight = weight * ~found
                parts[:, :, part] += weight * (products - np.float64(channel.offset))
                weights += weight
        parts /= np.where(weights > 0.0, weights, 1.0)[:, :, None]
        return StrandScores(parts, parts.sum(axis=2), weights > 0.0)

    def _same(self, candidates: Vectors) -> dict[int, NDArray[np.float64]]:
        """Return by the place of a channel the cosines (m, c) of items with the very content asked for, 0 for others.

        Those of a strand's own space: of two that are taken for the same, the nearer one is the better.
        """
        found = {}
        for place, channel in enumerate(self.channels):
            if channel.same is None:
                continue
            start, stop = self.spans[channel.part]
            wanted = channel.rows[:, start:stop]
            lengths = np.linalg.norm(wanted, axis=1)[:, None]
            cosines = np.matmul(candidates[:, :, start:stop], wanted[:, :, None])[:, :, 0] / np.where(
                lengths, lengths, 1
            )
            asked = (channel.weights > 0.0)[:, None]
            found[place] = np.where((cosines >= SAME) & asked, np.minimum(cosines, 1.0), 0.0).astype(np.float64)
        return found
