"""Bridge: pictures to the words of the text encoder without any pair, through a classifier's class names."""

from dataclasses import dataclass

import numpy as np

from embedders.class_head import ClassHead
from embedders.encoder import Encoder, Vectors
from embedders.spaces import present, unit

TEMPERATURE = 1.5
"""By which the classifier's scores are divided: what a picture is like counts beside what it is taken for."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """Maps picture vectors (n, p) to text vectors (n, d): class probabilities times the text vectors of the classes."""

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
    """Encode what the classes are and return the bridge.

    A class lies between its name and its definition, which holds the words for its kind: captions say "a fish", and
    no name of a class does.
    """
    names = unit(text_encoder.encode(head.names) + text_encoder.encode(head.definitions))
    return Bridge(head.weight / np.float32(TEMPERATURE), head.bias / np.float32(TEMPERATURE), head.scale, names)
