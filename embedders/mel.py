"""Log-mel spectrograms, the picture of a sound."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 22_050
WINDOW = 2_048
HOP = 256
BANDS = 128
RANGE_DB = 60.0
LINEAR_HZ = 1_000.0
HZ_A_MEL = 200.0 / 3.0
LOG_STEP = np.log(6.4) / 27.0


def hz_to_mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale: linear below 1 kHz, logarithmic above (Auditory Toolbox, 1998)."""
    above = LINEAR_HZ / HZ_A_MEL + np.log(np.maximum(hertz, LINEAR_HZ) / LINEAR_HZ) / LOG_STEP
    return np.where(hertz < LINEAR_HZ, hertz / HZ_A_MEL, above)


def mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return hertz: the inverse of `hz_to_mel`."""
    bend = LINEAR_HZ / HZ_A_MEL
    return np.where(mels < bend, mels * HZ_A_MEL, LINEAR_HZ * np.exp(LOG_STEP * (np.maximum(mels, bend) - bend)))


@lru_cache(maxsize=1)
def filterbank() -> NDArray[np.float32]:
    """Return triangular filters (BANDS, WINDOW / 2 + 1), each of area 1 over frequency (Slaney's norm)."""
    frequencies = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    low, high = hz_to_mel(np.asarray([0.0, SAMPLE_RATE / 2])).tolist()
    edges = mel_to_hz(np.linspace(low, high, BANDS + 2))
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (frequencies - lower) / (centre - lower)
    falling = (upper - frequencies) / (upper - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * (2.0 / (upper - lower))).astype(np.float32)


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the spectrogram (BANDS, frames) of mono samples at SAMPLE_RATE, in 0..1.

    0 is 60 dB or more below the clip's maximum, which is 1; silence is all zero.
    """
    from scipy.fft import rfft

    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0.0:
        return np.zeros((BANDS, 1 + len(samples) // HOP), dtype=np.float32)
    # The scale is the clip's own, so that neither a whisper nor a shout leaves the range of float32.
    padded = np.pad(samples / np.float32(peak), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    spectrum = rfft(frames * window, axis=1)
    mel = filterbank() @ (spectrum.real**2 + spectrum.imag**2).T
    decibel = 10.0 * np.log10(np.maximum(mel / mel.max(), 10.0 ** (-RANGE_DB / 10)))
    return np.asarray(decibel / RANGE_DB + 1.0, dtype=np.float32)
