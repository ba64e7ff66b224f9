"""Words that are encoded again and again, such as names of classes: read once a workspace."""

from collections.abc import Sequence

import numpy as np

from embedders.encoder import Encoder, Vectors
from embedders.vector_cache import VectorCache, content_hash


class KeptWords:
    """A text encoder that keeps the rows of what it encoded in the cache, apart from those of items.

    A list that is known is read whole, another is encoded whole, in its order and at once, so that its rows are the
    same to the last bit whatever else was encoded before.
    """

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        """Take the strand, dimension and weights of `encoder`."""
        self._encoder = encoder
        self._cache = cache
        self.strand = encoder.strand
        self.dimension = encoder.dimension
        self.fingerprint = f"{encoder.fingerprint}:words"

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode texts to (n, dimension) unit rows."""
        hashes = [content_hash(self.strand, content) for content in contents]
        found = self._cache.get(self.fingerprint, hashes)
        if all(digest in found for digest in hashes):
            return np.stack([found[digest] for digest in hashes]) if hashes else self._encoder.encode(contents)
        rows = self._encoder.encode(contents)
        self._cache.put(self.fingerprint, dict(zip(hashes, rows, strict=True)))
        return rows
