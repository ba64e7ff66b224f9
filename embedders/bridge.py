"""Bridge: pictures to the words of the text encoder without any pair, through a classifier's class names."""

from dataclasses import dataclass

import numpy as np

from embedders.class_head import ClassHead
from embedders.encoder import Encoder, Vectors
from embedders.spaces import present


@dataclass(frozen=True, slots=True)
class Bridge:
    """Maps picture vectors (n, p) to text vectors (n, d): class probabilities times the text vectors of the names."""

    weight: Vectors
    bias: Vectors
    scale: float
    names: Vectors

    def __call__(self, vectors: Vectors) -> Vectors:
        """Return (n, d) text vectors; zero rows stay zero."""
        logits = (vectors * self.scale) @ self.weight.T + self.bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        mixed = (odds / odds.sum(axis=1, keepdims=True)) @ self.names
        return np.asarray(mixed * present(vectors)[:, None], dtype=np.float32)


def make_bridge(head: ClassHead, text_encoder: Encoder) -> Bridge:
    """Encode the class names and return the bridge."""
    return Bridge(head.weight, head.bias, head.scale, text_encoder.encode(head.names))
