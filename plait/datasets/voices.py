"""Sounds of the studio catalogue, synthesised with numpy from a generator of random numbers."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plait.datasets.families import Voice

SAMPLE_RATE = 22_050
SECONDS = 2.5
HISS = 0.02
"""Loudness of the noise under every sound."""

Samples = NDArray[np.float64]


def sound(voice: Voice, rng: Generator) -> NDArray[np.float32]:
    """Return (samples,) float32 in -1..1 of a voice: its own timbre and tempo, varied, over a little hiss."""
    made = VOICES[voice](_time(), rng)
    made = made / max(float(np.abs(made).max()), 1e-9) * rng.uniform(0.5, 0.9)
    return np.clip(made + rng.normal(0.0, HISS, len(made)), -1, 1).astype(np.float32)


def _time() -> Samples:
    return np.arange(int(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE


def _noise(time: Samples, rng: Generator, *, low: float, high: float) -> Samples:
    """Return noise between two frequencies in hertz."""
    spectrum = np.fft.rfft(rng.normal(size=len(time)))
    frequencies = np.fft.rfftfreq(len(time), 1 / SAMPLE_RATE)
    spectrum[(frequencies < low) | (frequencies > high)] = 0.0
    return np.asarray(np.fft.irfft(spectrum, len(time)))


def _hits(time: Samples, rng: Generator, *, a_second: float, decay: float, steady: bool) -> list[tuple[int, Samples]]:
    """Return (start, envelope) of blows: on a beat, or at random."""
    gap = 1.0 / a_second
    starts = (
        np.arange(rng.uniform(0, gap), SECONDS, gap) if steady else rng.uniform(0, SECONDS, int(a_second * SECONDS))
    )
    places = [int(start * SAMPLE_RATE) for start in starts]
    return [(place, np.exp(-time[: len(time) - place] * decay)) for place in places]


def _swell(time: Samples, rng: Generator) -> Samples:
    rise = 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.3, 0.5) * time + rng.uniform(0, 6))
    return _noise(time, rng, low=60, high=rng.uniform(1200, 1800)) * rise**2


def _crackle(time: Samples, rng: Generator) -> Samples:
    made = 0.15 * _noise(time, rng, low=100, high=500)
    for place, envelope in _hits(time, rng, a_second=rng.uniform(18, 30), decay=220, steady=False):
        made[place:] += envelope * rng.normal(size=len(envelope)) * rng.uniform(0.3, 1.0)
    return made


def _chirps(time: Samples, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in _hits(time, rng, a_second=rng.uniform(3, 5), decay=18, steady=False):
        ahead = time[: len(envelope)]
        made[place:] += envelope * np.sin(2 * np.pi * (rng.uniform(2500, 4500) * ahead + 900 * np.sin(40 * ahead) / 40))
    return made


def _ticks(time: Samples, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in _hits(time, rng, a_second=rng.uniform(3.5, 5), decay=150, steady=True):
        made[place:] += envelope * np.sin(2 * np.pi * rng.uniform(1800, 2200) * time[: len(envelope)])
    return made


def _pad(time: Samples, rng: Generator) -> Samples:
    base = rng.uniform(180, 260)
    drift = 1 + 0.004 * np.sin(2 * np.pi * 0.6 * time)
    return np.asarray(sum(np.sin(2 * np.pi * base * ratio * drift * time) for ratio in (1, 1.5, 2.01, 3.02)))


def _gusts(time: Samples, rng: Generator) -> Samples:
    rise = np.abs(np.sin(2 * np.pi * rng.uniform(0.6, 1.0) * time + rng.uniform(0, 6)))
    return _noise(time, rng, low=700, high=rng.uniform(2500, 4000)) * (0.2 + rise)


def _drums(time: Samples, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in _hits(time, rng, a_second=rng.uniform(5, 7), decay=14, steady=True):
        ahead = time[: len(envelope)]
        made[place:] += envelope * np.sin(2 * np.pi * rng.uniform(90, 180) * ahead * np.exp(-ahead * 4))
        made[place:] += 0.3 * envelope**3 * rng.normal(size=len(envelope))
    return made


def _drops(time: Samples, rng: Generator) -> Samples:
    made = 0.25 * _noise(time, rng, low=2000, high=9000)
    for place, envelope in _hits(time, rng, a_second=rng.uniform(25, 40), decay=90, steady=False):
        made[place:] += 0.6 * envelope * np.sin(2 * np.pi * rng.uniform(1200, 3200) * time[: len(envelope)])
    return made


def _bells(time: Samples, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in _hits(time, rng, a_second=rng.uniform(2, 3), decay=3.5, steady=True):
        ahead, base = time[: len(envelope)], rng.uniform(700, 1300)
        made[place:] += envelope * np.sin(
            2 * np.pi * base * ahead + 3 * envelope * np.sin(2 * np.pi * base * 1.4 * ahead)
        )
    return made


def _bass(time: Samples, rng: Generator) -> Samples:
    base, beat = rng.uniform(50, 75), rng.uniform(2, 2.6)
    saw = sum(np.sin(2 * np.pi * base * n * time) / n for n in range(1, 14))
    return np.asarray(saw * (np.sin(2 * np.pi * beat * time) > -0.2))


def _plucks(time: Samples, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in _hits(time, rng, a_second=rng.uniform(4, 6), decay=6, steady=True):
        base = 220 * 2 ** (int(rng.integers(0, 13)) / 12)
        ahead = time[: len(envelope)]
        made[place:] += sum(envelope ** (0.6 + 0.4 * n) * np.sin(2 * np.pi * base * n * ahead) / n for n in range(1, 7))
    return made


def _engine(time: Samples, rng: Generator) -> Samples:
    base = rng.uniform(28, 42) * (1 + 0.25 * time / SECONDS)
    phase = 2 * np.pi * np.cumsum(base) / SAMPLE_RATE
    buzz = sum(np.sin(n * phase) / np.sqrt(n) for n in range(1, 20))
    return np.asarray(buzz + 1.5 * _noise(time, rng, low=40, high=400))


VOICES = {
    "swell": _swell, "crackle": _crackle, "chirps": _chirps, "ticks": _ticks, "pad": _pad, "gusts": _gusts,
    "drums": _drums, "drops": _drops, "bells": _bells, "bass": _bass, "plucks": _plucks, "engine": _engine,
}  # fmt: skip
