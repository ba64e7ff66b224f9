"""Catalogues whose right answers are known: every strand is a linear map of hidden traits, and noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.spaces import unit

WIDTHS = {Strand.TEXT: 24, Strand.IMAGE: 40, Strand.AUDIO: 32}
TRAITS = 6


@dataclass(frozen=True)
class Planted:
    """`traits` (n, TRAITS) of n items, and their raw unit vectors by strand."""

    traits: NDArray[np.float64]
    vectors: dict[Strand, Vectors]

    def without(self, strand: Strand, rows: NDArray[np.int64]) -> dict[Strand, Vectors]:
        """Return the vectors with zeros where these rows' `strand` was."""
        changed = {name: vectors.copy() for name, vectors in self.vectors.items()}
        changed[strand][rows] = 0.0
        return changed


def plant(count: int, *, seed: int = 0, noise: float = 0.05, strands: tuple[Strand, ...] = tuple(Strand)) -> Planted:
    """Draw a catalogue; the maps from traits to strands are the same for every seed."""
    maps = {strand: np.random.default_rng(width).normal(size=(TRAITS, width)) for strand, width in WIDTHS.items()}
    draw = np.random.default_rng(seed)
    traits = draw.normal(size=(count, TRAITS))
    vectors = {
        strand: unit((traits @ maps[strand] + noise * draw.normal(size=(count, WIDTHS[strand]))).astype(np.float32))
        for strand in strands
    }
    return Planted(traits, vectors)


def rank_of_own(scores: NDArray[np.float64], own: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each query the rank, from 1, of the item it should find; a tie counts against it."""
    return np.asarray((scores >= scores[np.arange(len(own)), own][:, None]).sum(axis=1))
