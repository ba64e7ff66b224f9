"""The contract of every encoder: contents of one strand in, unit vectors out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embedders.items import Strand

Vectors = NDArray[np.float32]
"""(n, dimension) float32, one row a content."""


class Encoder(Protocol):
    """Turns contents of one strand into unit vectors.

    An encoder is cheap to make: weights are loaded by the first `encode`, so that asking for `dimension` or
    `fingerprint` imports no torch. The same content gives the same row (to 1e-5) in any batch and any order.
    """

    @property
    def strand(self) -> Strand:
        """The strand this encoder reads."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> str:
        """Names weights and preprocessing: two encoders with one fingerprint give equal vectors."""

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode texts, or media files by path, to (n, dimension) unit rows in the order given.

        Raises `embedders.media.MediaError` for the first media file that cannot be read.
        """
