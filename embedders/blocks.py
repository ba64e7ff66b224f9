"""Blocks: where the strands lie in a fused vector, and how a query in one strand is compared with items in another."""

from dataclasses import dataclass

from embedders.items import Strand


@dataclass(frozen=True, slots=True)
class Block:
    """Where a block lies in the fused vector: coordinates `start .. stop - 1`, then, if `hub`, one of hubness.

    An `aligned` block lies in the space of the texts, a block of `kin` in that of the catalogue's categories, the other
    of a strand in the strand's own space.
    """

    strand: Strand
    aligned: bool
    start: int
    stop: int
    hub: bool
    kin: bool = False

    @property
    def end(self) -> int:
        """The first coordinate behind the block."""
        return self.stop + self.hub


@dataclass(frozen=True, slots=True)
class Comparison:
    """One cosine of a pair: with the block at `place` of the blocks, less its hubness if `hub`, times `weight`."""

    place: int
    weight: float
    hub: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """How a query strand is compared with an item strand.

    `mean` and `deviation` are those of what is no match, `weight` is that of the item's strand in its score.
    """

    comparisons: tuple[Comparison, ...]
    mean: float = 0.0
    deviation: float = 1.0
    weight: float = 1.0
