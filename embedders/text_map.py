"""TextMap: what a picture or sound of a text would be, in that strand's own space."""

from dataclasses import dataclass

from embedders.encoder import Vectors
from embedders.kernel_ridge import KernelRidge
from embedders.spaces import unit


@dataclass(frozen=True, slots=True)
class TextMap:
    """Maps text blocks (n, d) into the own block (n, w) of another strand.

    `references` (r, w) are texts of the catalogue so mapped, against which the hubness of items is counted;
    `weight` says how much the comparison counts beside that in the shared space.
    """

    ridge: KernelRidge
    references: Vectors
    weight: float

    def __call__(self, texts: Vectors) -> Vectors:
        """Return (n, w) unit rows; zero rows stay zero."""
        return unit(self.ridge(texts))
