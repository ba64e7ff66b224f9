"""Raw media: decoded pictures and sounds as files that need no decoder, written by one process and headed by another.

A process that nobody trusts writes the pixels or samples and says two numbers; who trusts no more than these checks
them and writes the header. What an encoder reads then is a BMP or a WAV that nobody else had a hand in.
"""

import struct
from pathlib import Path

import numpy as np

from embedders.items import Strand
from embedders.media_limits import MediaError, MediaLimits
from embedders.pictures import read_image
from embedders.sounds import audio_blocks

SIDE = 1_120
"""Pictures come to no less than this a side: what the network of the compact bundle decodes large ones to itself."""
PICTURE_HEAD, SOUND_HEAD = 54, 44
FLOATS = 3
"""The WAV format of float32 samples."""
Numbers = tuple[int, int]
"""Width and height of a picture; rate in Hz and count of samples of a sound."""


def write_raw(source: str, target: str, strand: Strand, limits: MediaLimits) -> Numbers:
    """Decode a medium and write its pixels (BGR, the last row first) or float32 mono samples behind room for a header.

    Raises MediaError as `read_image` and `read_audio` do.
    """
    with Path(target).open("wb") as stream:
        if strand is Strand.IMAGE:
            picture = read_image(source, limits, side=SIDE)
            stream.seek(PICTURE_HEAD)
            stream.write(picture.tobytes("raw", "BGR", _stride(picture.width), -1))
            return picture.size
        stream.seek(SOUND_HEAD)
        rate = samples = 0
        for rate, block in audio_blocks(source, limits):  # noqa: B007 - it is the same for all
            stream.write(block.astype("<f4", copy=False).tobytes())
            samples += len(block)
    if not samples:
        raise MediaError(source, "is an empty sound: expected at least one sample")
    return rate, samples


def head_raw(path: str, strand: Strand, numbers: Numbers, limits: MediaLimits) -> None:
    """Write the header of what `write_raw` wrote. Raises MediaError where the numbers are not those of the file."""
    first, second = numbers
    size = Path(path).stat().st_size if Path(path).is_file() else 0
    if strand is Strand.IMAGE:
        right = 0 < first <= limits.max_side and 0 < second <= limits.max_side
        expected = PICTURE_HEAD + _stride(first) * second
    else:
        right = 0 < first < 2**31 and second > 0
        expected = SOUND_HEAD + 4 * second
    if not right or size != expected or size >= 2**32:
        raise MediaError(path, f"came to {size} bytes; expected {expected}")
    with Path(path).open("r+b") as stream:
        stream.write(_picture_head(first, second) if strand is Strand.IMAGE else _sound_head(first, second))


def _stride(width: int) -> int:
    """Return the bytes of a row, a multiple of four."""
    return -(-3 * width // 4) * 4


def _picture_head(width: int, height: int) -> bytes:
    size = _stride(width) * height
    file = struct.pack("<2sIHHI", b"BM", PICTURE_HEAD + size, 0, 0, PICTURE_HEAD)
    return file + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, size, 0, 0, 0, 0)


def _sound_head(rate: int, samples: int) -> bytes:
    width = np.dtype(np.float32).itemsize
    size = width * samples
    kind = struct.pack("<4sIHHIIHH", b"fmt ", 16, FLOATS, 1, rate, rate * width % 2**32, width, 8 * width)
    return struct.pack("<4sI4s", b"RIFF", SOUND_HEAD - 8 + size, b"WAVE") + kind + struct.pack("<4sI", b"data", size)
