"""Safe decoding of sounds: formats by content, bounds before memory is spent, a block at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedders.media_limits import DEFAULT_LIMITS, MediaError, MediaLimits, check_file

if TYPE_CHECKING:
    from soundfile import SoundFile

SOUND_FORMATS = ("WAV", "WAVEX", "FLAC", "OGG", "MP3", "AIFF")
BLOCK = 1_000_000
"""Samples decoded at once, over all channels, and about as many at most once their rate is another."""
REST = 0.05
"""A rest shorter than this part of a window is left out: encoders pad a sound by some milliseconds."""


def check_audio(path: str, limits: MediaLimits = DEFAULT_LIMITS) -> None:
    """Raise MediaError for a sound that file size or header already forbid; nothing is decoded."""
    with _opened(path, limits):
        pass


def read_audio(path: str, *, sample_rate: int, limits: MediaLimits = DEFAULT_LIMITS) -> NDArray[np.float32]:
    """Decode a sound to (samples,) float32 mono at `sample_rate` in Hz.

    Raises MediaError for a file that is absent, broken, empty, too long, of another format, or not finite.
    """
    return np.concatenate(list(_resampled(path, sample_rate, limits)))


def audio_windows(
    path: str, *, sample_rate: int, seconds: float, limits: MediaLimits = DEFAULT_LIMITS
) -> Iterator[NDArray[np.float32]]:
    """Decode a sound to windows of `seconds` one after the other, the last one what is left; at least one.

    Memory holds one window and one block, however long the sound. Raises as `read_audio`.
    """
    size = max(1, round(seconds * sample_rate))
    waiting = np.empty(0, dtype=np.float32)
    count = 0
    for chunk in _resampled(path, sample_rate, limits):
        waiting = np.concatenate([waiting, chunk])
        while len(waiting) >= size:
            yield waiting[:size]
            waiting = waiting[size:]
            count += 1
    if not count or len(waiting) >= REST * size:
        yield waiting


def audio_blocks(path: str, limits: MediaLimits = DEFAULT_LIMITS) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Decode a sound to blocks of mono samples at its own rate, each with that rate in Hz. Raises as `read_audio`."""
    with _opened(path, limits) as stream:
        for block in _mono(path, stream, stream.samplerate, limits):
            yield stream.samplerate, block


def _resampled(path: str, sample_rate: int, limits: MediaLimits) -> Iterator[NDArray[np.float32]]:
    import soxr

    total = 0
    with _opened(path, limits) as stream:
        resampler = soxr.ResampleStream(stream.samplerate, sample_rate, 1, dtype="float32")
        for block in _mono(path, stream, sample_rate, limits):
            chunk = resampler.resample_chunk(block)
            total += len(chunk)
            yield chunk
        last = resampler.resample_chunk(np.empty(0, dtype=np.float32), last=True)
        if not total + len(last):
            raise MediaError(path, "is an empty sound: expected at least one sample")
        yield last


def _mono(path: str, stream: "SoundFile", sample_rate: int, limits: MediaLimits) -> Iterator[NDArray[np.float32]]:
    import soundfile

    # Neither many channels nor a low rate, of which each sample becomes many, may make a block large.
    size = max(1, min(BLOCK // stream.channels, BLOCK * stream.samplerate // sample_rate))
    frames = 0
    while True:
        try:
            block = stream.read(size, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise MediaError(path, f"is a broken sound: {error}") from error
        if not len(block):
            return
        frames += len(block)
        if frames > limits.max_seconds * stream.samplerate:
            raise MediaError(path, f"lasts longer than its header says; expected at most {limits.max_seconds:g} s")
        mono = block.mean(axis=1)
        if not np.isfinite(mono).all():
            raise MediaError(path, "holds samples that are not finite numbers")
        yield mono


@contextmanager
def _opened(path: str, limits: MediaLimits) -> Iterator["SoundFile"]:
    import soundfile

    check_file(path, limits)
    # By descriptor, as soundfile takes a file named .raw for samples without a header.
    with Path(path).open("rb") as file:
        try:
            stream = soundfile.SoundFile(file.fileno(), closefd=False)
        except soundfile.SoundFileError as error:
            raise MediaError(path, f"is no sound in one of {', '.join(SOUND_FORMATS)}") from error
        with stream:
            _check_header(path, stream, limits)
            yield stream


def _check_header(path: str, stream: "SoundFile", limits: MediaLimits) -> None:
    if stream.format not in SOUND_FORMATS:
        raise MediaError(path, f"has the format {stream.format}; expected one of {', '.join(SOUND_FORMATS)}")
    seconds = stream.frames / stream.samplerate
    if seconds > limits.max_seconds:
        raise MediaError(path, f"lasts {seconds:.1f} s; expected at most {limits.max_seconds:g}")
    if not stream.frames:
        raise MediaError(path, "is an empty sound: expected at least one sample")
