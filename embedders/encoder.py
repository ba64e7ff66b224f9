"""The contract of every encoder: contents of one strand in, unit vectors out."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from embedders.items import Strand

Vectors = NDArray[np.float32]
"""(n, dimension) float32, one row a content."""


class Encoder(Protocol):
    """Turns contents of one strand into unit vectors.

    An encoder is cheap to make: weights are loaded by the first `encode`, so that asking for `dimension` or
    `fingerprint` imports no torch. The same content gives the same row in any batch and any order: to 1e-5, or 2e-3
    where the processor multiplies bfloat16.
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


@runtime_checkable
class QueryEncoder(Encoder, Protocol):
    """An encoder that reads what is asked otherwise than what an item says, such as behind another prompt."""

    def encode_queries(self, contents: Sequence[str]) -> Vectors:
        """Encode queries to (n, dimension) unit rows that are compared with the rows of `encode`."""


@runtime_checkable
class Led(Protocol):
    """An encoder whose vectors begin with what a content is; behind that stands how it looks or sounds."""

    leading: int
    """How many numbers say what it is."""


@runtime_checkable
class TextTowered(Protocol):
    """An encoder of pictures or sounds whose model may read texts too, into the same space."""

    @property
    def text_tower(self) -> Encoder | None:
        """The encoder of texts into this encoder's space, of the same dimension; None where the model has none."""


def encode_queries(encoder: Encoder, contents: Sequence[str]) -> Vectors:
    """Encode contents as queries: by the encoder's query side where it has one, as items otherwise."""
    if isinstance(encoder, QueryEncoder):
        return encoder.encode_queries(contents)
    return encoder.encode(contents)


def text_tower(encoder: Encoder) -> Encoder | None:
    """Return the encoder of texts into the space of `encoder`, None where there is none."""
    return encoder.text_tower if isinstance(encoder, TextTowered) else None


class QuerySide:
    """The query side of an encoder as an encoder, so that queries too are read once and cached."""

    def __init__(self, encoder: QueryEncoder) -> None:
        """Take the strand, dimension and weights of `encoder`."""
        self._encoder = encoder
        self.strand = encoder.strand
        self.dimension = encoder.dimension
        self.fingerprint = f"{encoder.fingerprint}:query"

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode queries to (n, dimension) unit rows."""
        return self._encoder.encode_queries(contents)
