"""Voices of the studio's sounds, one a family, synthesised with numpy from a generator of random numbers."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plait.datasets.families import Voice
from plait.datasets.tones import SECONDS, Samples, blows, noise_band, time_axis

HISS = 0.02
"""Loudness of the noise under every sound."""
TEMPO = 1.15
"""Factor on the tempo for each unit of the trait pace."""


def synthesise(voice: Voice, pace: float, rng: Generator) -> NDArray[np.float32]:
    """Return (n,) float32 in -1..1 of a voice: its own timbre and tempo, varied, over a little hiss."""
    made = VOICES[voice](time_axis(), TEMPO**pace, rng)
    made = made / max(float(np.abs(made).max()), 1e-9) * rng.uniform(0.5, 0.9)
    return np.clip(made + rng.normal(0.0, HISS, len(made)), -1, 1).astype(np.float32)


def _swell(time: Samples, tempo: float, rng: Generator) -> Samples:
    rise = 0.5 + 0.5 * np.sin(2 * np.pi * tempo * rng.uniform(0.3, 0.5) * time + rng.uniform(0, 6))
    return noise_band(time, rng, low=60, high=rng.uniform(1200, 1800)) * rise**2


def _crackle(time: Samples, tempo: float, rng: Generator) -> Samples:
    made = 0.15 * noise_band(time, rng, low=100, high=500)
    for place, envelope in blows(time, rng, a_second=tempo * rng.uniform(18, 30), decay=220, steady=False):
        made[place:] += envelope * rng.normal(size=len(envelope)) * rng.uniform(0.3, 1.0)
    return made


def _chirps(time: Samples, tempo: float, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in blows(time, rng, a_second=tempo * rng.uniform(3, 5), decay=18, steady=False):
        ahead = time[: len(envelope)]
        trill = rng.uniform(2500, 4500) * ahead + 900 * np.sin(40 * ahead) / 40
        made[place:] += envelope * np.sin(2 * np.pi * trill)
    return made


def _ticks(time: Samples, tempo: float, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in blows(time, rng, a_second=tempo * rng.uniform(3.5, 5), decay=150, steady=True):
        made[place:] += envelope * np.sin(2 * np.pi * rng.uniform(1800, 2200) * time[: len(envelope)])
    return made


def _pad(time: Samples, tempo: float, rng: Generator) -> Samples:
    base = rng.uniform(180, 260)
    drift = 1 + 0.004 * np.sin(2 * np.pi * 0.6 * tempo * time)
    return np.asarray(sum(np.sin(2 * np.pi * base * ratio * drift * time) for ratio in (1, 1.5, 2.01, 3.02)))


def _gusts(time: Samples, tempo: float, rng: Generator) -> Samples:
    rise = np.abs(np.sin(2 * np.pi * tempo * rng.uniform(0.6, 1.0) * time + rng.uniform(0, 6)))
    return noise_band(time, rng, low=700, high=rng.uniform(2500, 4000)) * (0.2 + rise)


def _drums(time: Samples, tempo: float, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in blows(time, rng, a_second=tempo * rng.uniform(5, 7), decay=14, steady=True):
        ahead = time[: len(envelope)]
        made[place:] += envelope * np.sin(2 * np.pi * rng.uniform(90, 180) * ahead * np.exp(-ahead * 4))
        made[place:] += 0.3 * envelope**3 * rng.normal(size=len(envelope))
    return made


def _drops(time: Samples, tempo: float, rng: Generator) -> Samples:
    made = 0.25 * noise_band(time, rng, low=2000, high=9000)
    for place, envelope in blows(time, rng, a_second=tempo * rng.uniform(25, 40), decay=90, steady=False):
        made[place:] += 0.6 * envelope * np.sin(2 * np.pi * rng.uniform(1200, 3200) * time[: len(envelope)])
    return made


def _bells(time: Samples, tempo: float, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in blows(time, rng, a_second=tempo * rng.uniform(2, 3), decay=3.5, steady=True):
        turn = 2 * np.pi * rng.uniform(700, 1300) * time[: len(envelope)]
        made[place:] += envelope * np.sin(turn + 3 * envelope * np.sin(1.4 * turn))
    return made


def _bass(time: Samples, tempo: float, rng: Generator) -> Samples:
    base, beat = rng.uniform(50, 75), tempo * rng.uniform(2, 2.6)
    saw = sum(np.sin(2 * np.pi * base * n * time) / n for n in range(1, 14))
    return np.asarray(saw * (np.sin(2 * np.pi * beat * time) > -0.2))


def _plucks(time: Samples, tempo: float, rng: Generator) -> Samples:
    made = np.zeros_like(time)
    for place, envelope in blows(time, rng, a_second=tempo * rng.uniform(4, 6), decay=6, steady=True):
        turn = 2 * np.pi * 220 * 2 ** (int(rng.integers(0, 13)) / 12) * time[: len(envelope)]
        made[place:] += sum(envelope ** (0.6 + 0.4 * n) * np.sin(n * turn) / n for n in range(1, 7))
    return made


def _engine(time: Samples, tempo: float, rng: Generator) -> Samples:
    turns = tempo * rng.uniform(28, 42) * (1 + 0.125 * time / SECONDS) * time
    buzz = sum(np.sin(2 * np.pi * n * turns) / np.sqrt(n) for n in range(1, 20))
    return np.asarray(buzz + 1.5 * noise_band(time, rng, low=40, high=400))


VOICES: Mapping[Voice, Callable[[Samples, float, Generator], Samples]] = {
    "swell": _swell, "crackle": _crackle, "chirps": _chirps, "ticks": _ticks, "pad": _pad, "gusts": _gusts,
    "drums": _drums, "drops": _drops, "bells": _bells, "bass": _bass, "plucks": _plucks, "engine": _engine,
}  # fmt: skip
