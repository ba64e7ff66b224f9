"""Pictures and sounds drawn for the tests."""

import io
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

RATE = 22_050
COLOURS = ("red", "green", "blue", "orange", "purple", "gray", "black", "yellow", "pink", "brown")


def stripes(folder: Path, count: int) -> list[str]:
    """Write `count` PNG pictures that differ in colour, direction and width of stripes; return their paths."""
    paths = []
    for number in range(count):
        width, height = 90 + 17 * number, 140 - 9 * number
        picture = Image.new("RGB", (width, height), COLOURS[number % len(COLOURS)])
        step = 4 + 3 * number
        for start in range(0, max(width, height), 2 * step):
            box = (start, 0, start + step, height) if number % 2 else (0, start, width, start + step)
            picture.paste("white", box)
        path = folder / f"stripes-{number}.png"
        picture.save(path)
        paths.append(str(path))
    return paths


def tone(hertz: float, seconds: float, *, rate: int = RATE, loudness: float = 0.5) -> np.ndarray:
    """Return a sine, (samples,) float32."""
    time = np.arange(round(seconds * rate)) / rate
    return (loudness * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def sounds(folder: Path, count: int) -> list[str]:
    """Write `count` WAV files of different pitch, length and noise; return their paths."""
    noise = np.random.default_rng(3)
    paths = []
    for number in range(count):
        samples = tone(220.0 * 1.4**number, 0.3 + 0.25 * number)
        samples += noise.normal(0, 0.02 * number, len(samples)).astype(np.float32)
        path = folder / f"sound-{number}.wav"
        soundfile.write(path, samples, RATE)
        paths.append(str(path))
    return paths


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Return the bytes of a picture file."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()
