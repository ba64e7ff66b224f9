"""TextMap: what a picture or sound of a text would be, in that strand's own space."""

from dataclasses import dataclass

import numpy as np

from embedders.encoder import Vectors
from embedders.kernel_ridge import KernelRidge
from embedders.spaces import Affine, unit


@dataclass(frozen=True, slots=True)
class TextMap:
    """Maps text blocks (n, d) into the own block (n, w) of another strand.

    `references` (r, w) are texts of the catalogue so mapped, against which the hubness of items is counted;
    `weight` says how much the comparison counts beside that in the shared space. Where the strand's own model reads
    texts, `tower` maps what it makes of them (n, p) into the block, and `ridge` only stands in for it where nothing
    but the text block is known; it is None where there was too little to learn it from.
    """

    ridge: KernelRidge | None
    references: Vectors
    weight: float
    tower: Affine | None = None

    def __call__(self, texts: Vectors) -> Vectors:
        """Return (n, w) unit rows; zero rows stay zero."""
        if self.ridge is None:
            return np.zeros((len(texts), self.references.shape[1]), dtype=np.float32)
        return unit(self.ridge(texts))

    def by_tower(self, rows: Vectors) -> Vectors:
        """Return (n, w) unit rows of texts as the strand's own text tower encoded them; zero rows stay zero.

        Raises ValueError where the strand's model has no tower.
        """
        if self.tower is None:
            raise ValueError("towers has rows of a strand whose model has no text tower")
        return unit(self.tower(rows))
