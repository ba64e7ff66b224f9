"""Safe decoding of pictures and sounds: formats by content, bounds before memory is spent."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedders.items import Strand

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SOUND_FORMATS = ("WAV", "WAVEX", "FLAC", "OGG", "MP3", "AIFF")
BLOCK_SECONDS = 30


class MediaError(ValueError):
    """A picture or sound that cannot be used; the message says why in one line, `path` which."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{Path(path).name} {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What a medium may cost: bytes of the file, pixels and longest side of a picture, seconds of a sound."""

    max_bytes: int = 100_000_000
    max_pixels: int = 50_000_000
    max_side: int = 20_000
    max_seconds: float = 7_200.0


DEFAULT_LIMITS = MediaLimits()


def check_media(path: str, strand: Strand, limits: MediaLimits = DEFAULT_LIMITS) -> None:
    """Look at a file's size and header only.

    Raises MediaError for what `read_image` or `read_audio` refuses without decoding: absent, no regular file, too
    large, an unknown format, out of bounds.
    """
    _check_file(path, limits)
    if strand is Strand.IMAGE:
        _open_image(path, limits).close()
    elif strand is Strand.AUDIO:
        _check_sound(path, limits)


def read_image(path: str, limits: MediaLimits = DEFAULT_LIMITS) -> "Image":
    """Decode a picture to RGB: first frame, EXIF orientation applied, transparency on white.

    Raises MediaError for a file that is absent, broken, truncated, too large or of another format.
    """
    from PIL import Image, ImageOps

    _check_file(path, limits)
    with _open_image(path, limits) as opened:
        try:
            opened.load()
            picture = ImageOps.exif_transpose(opened)
            if picture.mode.startswith("I;16") or picture.mode == "I":
                scaled = (np.asarray(picture, dtype=np.float32) / 257.0).clip(0, 255).astype(np.uint8)
                picture = Image.fromarray(scaled)
            if picture.has_transparency_data:
                picture = picture.convert("RGBA")
                white = Image.new("RGBA", picture.size, "white")
                picture = Image.alpha_composite(white, picture)
            return picture.convert("RGB")
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise MediaError(path, f"is a broken picture: {error}") from error


def read_audio(path: str, *, sample_rate: int, limits: MediaLimits = DEFAULT_LIMITS) -> NDArray[np.float32]:
    """Decode a sound to (samples,) float32 mono at `sample_rate`, a block at a time.

    Raises MediaError for a file that is absent, broken, empty, too long, of another format, or not finite.
    """
    import soundfile
    import soxr

    _check_file(path, limits)
    _check_sound(path, limits)
    pieces = []
    try:
        with soundfile.SoundFile(path) as stream:
            resampler = soxr.ResampleStream(stream.samplerate, sample_rate, 1, dtype="float32")
            size = BLOCK_SECONDS * stream.samplerate
            for block in stream.blocks(blocksize=size, dtype="float32", always_2d=True):
                pieces.append(resampler.resample_chunk(np.ascontiguousarray(block.mean(axis=1))))
            pieces.append(resampler.resample_chunk(np.empty(0, dtype=np.float32), last=True))
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise MediaError(path, f"is a broken sound: {error}") from error
    samples = np.concatenate(pieces)
    if not len(samples):
        raise MediaError(path, "is an empty sound: expected at least one sample")
    if not np.isfinite(samples).all():
        raise MediaError(path, "holds samples that are not finite numbers")
    return samples


def _check_file(path: str, limits: MediaLimits) -> None:
    file = Path(path)
    if not file.exists():
        raise MediaError(path, "is absent")
    if not file.is_file():
        raise MediaError(path, "is no regular file")
    size = file.stat().st_size
    if size > limits.max_bytes:
        raise MediaError(path, f"has {size} bytes; expected at most {limits.max_bytes}")
    if not size:
        raise MediaError(path, "is an empty file")


def _open_image(path: str, limits: MediaLimits) -> "Image":
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Pillow warns of bombs by its own bound; ours is checked right below, before any decoding.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(path, formats=PICTURE_FORMATS)
    except UnidentifiedImageError as error:
        raise MediaError(path, f"is no picture in one of {', '.join(PICTURE_FORMATS)}") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MediaError(path, f"is a broken picture: {error}") from error
    width, height = opened.size
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        opened.close()
        bounds = f"at most {limits.max_pixels} pixels and {limits.max_side} a side"
        raise MediaError(path, f"has {width} x {height} pixels; expected {bounds}")
    return opened


def _check_sound(path: str, limits: MediaLimits) -> None:
    import soundfile

    try:
        info = soundfile.info(path)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise MediaError(path, f"is no sound in one of {', '.join(SOUND_FORMATS)}") from error
    if info.format not in SOUND_FORMATS:
        raise MediaError(path, f"has the format {info.format}; expected one of {', '.join(SOUND_FORMATS)}")
    if info.duration > limits.max_seconds:
        raise MediaError(path, f"lasts {info.duration:.0f} s; expected at most {limits.max_seconds:.0f}")
    if not info.frames:
        raise MediaError(path, "is an empty sound: expected at least one sample")
