"""SpectrogramEncoder: sounds to a vector by a convolutional network that looks at their spectrograms."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedders.cnn_model import CnnModel
from embedders.device import Device
from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.media import DEFAULT_LIMITS, MediaLimits, read_audio
from embedders.mel import SAMPLE_RATE, log_mel
from embedders.spaces import unit

SIDE = 224
WINDOW_SECONDS = 10.0
BATCH = 16


class SpectrogramEncoder:
    """Encodes sound files; a recording longer than ten seconds is cut into windows whose vectors are averaged."""

    strand = Strand.AUDIO

    def __init__(
        self, architecture: str, weights: str, *, dimension: int, fingerprint: str, device: Device = "auto",
        allow_download: bool = False, limits: MediaLimits = DEFAULT_LIMITS,
    ) -> None:  # fmt: skip
        """Name the network and the file of its weights ("" for the ones timm fetches)."""
        self.dimension = dimension
        self.fingerprint = fingerprint
        self._model = CnnModel(architecture, weights, device=device, allow_download=allow_download)
        self._limits = limits

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode sound files to (n, dimension) unit rows. Raises MediaError for one that cannot be read."""
        vectors = np.zeros((len(contents), self.dimension), dtype=np.float32)
        for place, path in enumerate(contents):
            windows = cut(read_audio(path, sample_rate=SAMPLE_RATE, limits=self._limits))
            total = np.zeros(self.dimension, dtype=np.float32)
            for start in range(0, len(windows), BATCH):
                pictures = np.stack([picture(samples) for samples in windows[start : start + BATCH]])
                total += self._model.features(pictures).sum(axis=0)
            vectors[place] = total
        return unit(vectors)


def cut(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Cut samples into equal windows of at most ten seconds."""
    count = max(1, int(np.ceil(len(samples) / (WINDOW_SECONDS * SAMPLE_RATE))))
    return np.array_split(samples, count)


def picture(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log-mel spectrogram as a (3, 224, 224) picture in -1..1, low notes at the bottom."""
    from PIL import Image

    spectrogram = Image.fromarray(log_mel(samples)[::-1])
    square = np.asarray(spectrogram.resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.float32)
    return np.repeat(square[None] * 2.0 - 1.0, 3, axis=0)
