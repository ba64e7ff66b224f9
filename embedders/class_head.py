"""ClassHead: the classifier on top of a picture encoder, a bridge from pictures to words that needs no pairs."""

from dataclasses import dataclass

from embedders.encoder import Vectors


@dataclass(frozen=True, slots=True)
class ClassHead:
    """softmax(weight @ (scale * unit row) + bias) are the probabilities of the classes `names`.

    `weight` (classes, dimension), `bias` (classes,) float32; `scale` is the usual norm of the encoder's features.
    `definitions` says in a phrase what each class is: a tench is a "freshwater dace-like game fish".
    """

    names: tuple[str, ...]
    definitions: tuple[str, ...]
    weight: Vectors
    bias: Vectors
    scale: float
