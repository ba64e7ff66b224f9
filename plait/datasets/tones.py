"""Raw material of the studio's sounds: a time axis, bands of noise, rows of blows."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

SAMPLE_RATE = 22_050
SECONDS = 2.5

Samples = NDArray[np.float64]
"""(n,) float64; a time axis is in seconds."""


def time_axis() -> Samples:
    """Return the moment of each sample of a sound."""
    return np.arange(int(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE


def noise_band(time: Samples, rng: Generator, *, low: float, high: float) -> Samples:
    """Return noise (n,) with no energy outside `low`..`high` hertz."""
    spectrum = np.fft.rfft(rng.normal(size=len(time)))
    frequencies = np.fft.rfftfreq(len(time), 1 / SAMPLE_RATE)
    spectrum[(frequencies < low) | (frequencies > high)] = 0.0
    return np.asarray(np.fft.irfft(spectrum, len(time)))


def blows(time: Samples, rng: Generator, *, a_second: float, decay: float, steady: bool) -> list[tuple[int, Samples]]:
    """Return (first sample, envelope to the end) of blows, on a beat or at random; `decay` is a second's exponent."""
    gap = 1.0 / a_second
    count = int(a_second * SECONDS)
    starts = np.arange(rng.uniform(0, gap), SECONDS, gap) if steady else rng.uniform(0, SECONDS, count)
    places = (starts * SAMPLE_RATE).astype(int).tolist()
    return [(place, np.exp(-time[: len(time) - place] * decay)) for place in places]
