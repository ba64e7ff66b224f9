"""SpectrogramEncoder: sounds to a vector by a convolutional network that looks at their spectrograms."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from embedders.cnn_model import CnnModel
from embedders.device import Device
from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.media_limits import DEFAULT_LIMITS, MediaLimits
from embedders.mel import SAMPLE_RATE, log_mel
from embedders.sounds import audio_windows
from embedders.spaces import unit

SIDE = 224
WINDOW_SECONDS = 10.0
BATCH = 16


class SpectrogramEncoder:
    """Encodes sound files; a longer one is cut into windows of ten seconds whose vectors are averaged by length."""

    strand = Strand.AUDIO

    def __init__(
        self, architecture: str, weights: str, *, dimension: int, fingerprint: str, device: Device = "auto",
        allow_download: bool = False, limits: MediaLimits = DEFAULT_LIMITS,
    ) -> None:  # fmt: skip
        """Name the network and the file of its weights ("" for the ones timm fetches)."""
        self.dimension = dimension
        self.fingerprint = fingerprint
        self._model = CnnModel(architecture, weights, dimension=dimension, device=device, allow_download=allow_download)
        self._limits = limits

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode sound files to (n, dimension) unit rows. Raises MediaError for the first that cannot be read."""
        totals = np.zeros((len(contents), self.dimension), dtype=np.float32)
        windows = self._windows(contents)
        while batch := list(islice(windows, BATCH)):
            rows = self._model.features(np.stack([picture(samples) for _, samples in batch]))
            for (place, samples), row in zip(batch, rows, strict=True):
                totals[place] += len(samples) / SAMPLE_RATE * row
        return unit(totals)

    def _windows(self, contents: Sequence[str]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        for place, path in enumerate(contents):
            windows = audio_windows(path, sample_rate=SAMPLE_RATE, seconds=WINDOW_SECONDS, limits=self._limits)
            for samples in windows:
                yield place, samples


def picture(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log-mel spectrogram as a (3, 224, 224) picture in 0..1, low notes at the bottom."""
    from PIL import Image

    spectrogram = Image.fromarray(log_mel(samples)[::-1])
    square = np.asarray(spectrogram.resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.float32)
    return np.repeat(square[None], 3, axis=0)
