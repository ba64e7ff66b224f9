"""LoadedModel: what a model that was loaded can read, each sense a function from a batch to rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors

if TYPE_CHECKING:
    from PIL.Image import Image

Samples = NDArray[np.float32]
"""(samples,) float32 mono."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """Functions from a batch of pictures (RGB), sounds or texts to rows (n, dimension); None: cannot read these.

    Sounds come at `sample_rate` in Hz, at most `seconds` long. `tokenizing` is held while `texts` is called: encoders
    of one model share its tokenizer, which keeps how it cuts and pads in itself, and two threads mix that up.
    """

    pictures: "Callable[[Sequence[Image]], Vectors] | None" = None
    sounds: Callable[[Sequence[Samples]], Vectors] | None = None
    texts: Callable[[Sequence[str]], Vectors] | None = None
    sample_rate: int = 0
    seconds: float = 10.0
    tokenizing: Lock = field(default_factory=Lock, repr=False, compare=False)


Loader = Callable[[str, str, str, str], LoadedModel]
"""Loads by the path of the weights, the name of the architecture ("" where the path says it), the device, and what
names the content of the weights.

A loader remembers what it loaded last: the towers of one model are loaded once, weights that were replaced anew.
"""
