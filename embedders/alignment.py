"""Alignment: pictures and sounds mapped into the space of the texts, learnt from the catalogue's own pairs."""

from dataclasses import dataclass

import numpy as np

from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.kernel_ridge import KernelRidge
from embedders.spaces import Affine, sample, unit


@dataclass(frozen=True, slots=True)
class BridgeMap:
    """A bridge into the shared space: `axes` take its text vectors there, centred on the catalogue's own."""

    bridge: Bridge
    axes: Affine

    def __call__(self, vectors: Vectors) -> Vectors:
        """Return (n, d) unit rows; zero rows stay zero."""
        return unit(self.axes(self.bridge(vectors)))


@dataclass(frozen=True, slots=True)
class Alignment:
    """Maps raw vectors (n, p) of one strand into the space of the texts (n, d), at least one way.

    `ridge` is learnt from pairs, `bridge` needs none and counts `bridge_weight` beside it.
    """

    dimension: int
    ridge: KernelRidge | None
    bridge: BridgeMap | None
    bridge_weight: float

    def items(self, vectors: Vectors) -> Vectors:
        """Return (n, d) unit rows, those that were learnt from by maps that have not seen them; zero stays zero."""
        return self._joined(vectors, None if self.ridge is None else self.ridge.crossed(vectors))

    def queries(self, vectors: Vectors) -> Vectors:
        """Return (n, d) unit rows, mapped by all that was learnt; zero rows stay zero."""
        return self._joined(vectors, None if self.ridge is None else self.ridge(vectors))

    def _joined(self, vectors: Vectors, mapped: Vectors | None) -> Vectors:
        together = np.zeros((len(vectors), self.dimension), dtype=np.float32)
        if mapped is not None:
            together += unit(mapped)
        if self.bridge is not None:
            together += np.float32(self.bridge_weight) * self.bridge(vectors)
        return unit(together)


def centred_bridge(bridge: Bridge, shared: Affine, vectors: Vectors) -> BridgeMap:
    """Return the bridge into the `shared` space, centred on what it makes of raw `vectors` (n, p).

    Its texts are centred by themselves, because they lie in another corner than the catalogue's.
    """
    axes = Affine(bridge(sample(vectors)).mean(axis=0), shared.matrix)
    return BridgeMap(bridge, axes)
