"""How a sequence encoder is built and trained: plain numbers, so that they can be written beside what was learnt."""

from dataclasses import dataclass
from math import ceil
from typing import Literal, get_args

from ranker.interactions import Interactions

Encoder = Literal["transformer", "gru", "cnn"]
Embeddings = Literal["ids", "content", "both"]

_DEPTHS = {"transformer": 2, "gru": 1, "cnn": 4}
"""Four convolutions read back 31 places."""


@dataclass(frozen=True, slots=True)
class SequenceSettings:
    """What is read, by which network, and what keeps it from learning by heart. Raises ValueError for impossible ones.

    `length` are the last events that are read, `width` the dimensions of an item's embedding and of what is read.
    """

    encoder: Encoder = "transformer"
    embeddings: Embeddings = "both"
    """From what an item is known: a table that is learnt, a learnt map of its fused vector, or the sum of both."""
    reads_weights: bool = True
    """Whether the weight of an event, such as a dislike, is read with it."""
    width: int = 64
    layers: int = 0
    """How many one above another; 0: as many as suit the encoder, see `depth`."""
    heads: int = 2
    length: int = 50

    rate: float = 3e-3
    warm_up: int = 50
    """Steps over which the rate rises to `rate`."""
    batch: int = 128
    average: float = 0.99
    """What is kept is a running mean of the weights, each step moving it by 1 - average (Polyak, Juditsky 1992)."""
    most_epochs: int = 60
    patience: int = 8
    """Without a given number of epochs, training ends after so many that were no better on held-out likings."""
    goes_on: float = 0.0
    """Epochs on everything after those without what is held out, as a share of them; 0: everything is learnt anew."""
    sampled_from: int = 20_000
    """Catalogues of more items than this are learnt from `negatives` drawn ones a batch instead of all."""
    negatives: int = 4_096

    dropout: float = 0.3
    id_dropout: float = 0.1
    """The share of items known by content alone in a batch, so that content learns to stand alone (DropoutNet)."""
    decay: float = 0.01
    """L2, as decoupled weight decay (Loshchilov, Hutter 2019)."""
    adversarial: float = 0.0
    """The length of the worst-case step by which item embeddings are moved (He et al. 2018); 0: not at all."""
    crop: float = 0.0
    mask: float = 0.0
    """The share of read items that are hidden."""
    reorder: float = 0.0
    """The share of windows that are cropped (`crop`), or in which a stretch is shuffled (CL4SRec, Xie et al. 2020)."""

    def __post_init__(self) -> None:
        for name, kinds in (("encoder", get_args(Encoder)), ("embeddings", get_args(Embeddings))):
            if getattr(self, name) not in kinds:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {', '.join(kinds)}")
        counts = ("width", "heads", "batch", "most_epochs", "patience", "negatives")
        for name, least in (
            *((name, 1) for name in counts),
            ("length", 2),
            ("layers", 0),
            ("warm_up", 0),
            ("sampled_from", 0),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; expected at least {least}")
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is no multiple of heads {self.heads}")
        for name in ("dropout", "id_dropout", "average", "crop", "mask", "reorder"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} is {getattr(self, name)}; expected a share from 0, below 1")
        if self.rate <= 0 or min(self.decay, self.adversarial, self.goes_on) < 0:
            raise ValueError("rate must be above 0, decay, adversarial and goes_on at least 0")

    @property
    def depth(self) -> int:
        """The number of layers."""
        return self.layers or _DEPTHS[self.encoder]

    def further(self, epochs: int) -> int:
        """Return the epochs on everything that follow `epochs` without what is held out."""
        return ceil(self.goes_on * epochs) if self.goes_on else epochs


WIDE = SequenceSettings(width=128, rate=2e-3, most_epochs=100, goes_on=0.25)
WIDE_FROM = 200_000
"""Likings from which twice the width can be learnt."""


def usual_settings(interactions: Interactions) -> SequenceSettings:
    """Return the settings that suit the size of a log."""
    return WIDE if int((interactions.weights > 0).sum()) >= WIDE_FROM else SequenceSettings()
