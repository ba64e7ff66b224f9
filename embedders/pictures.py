"""Safe decoding of pictures: formats by content, bounds before memory is spent."""

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from embedders.media_limits import DEFAULT_LIMITS, MediaError, MediaLimits, check_file

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
STRIP = 1_000_000
"""Pixels that are put into RGB at once."""


def check_image(path: str, limits: MediaLimits = DEFAULT_LIMITS) -> None:
    """Raise MediaError for a picture that file size or header already forbid; nothing is decoded."""
    check_file(path, limits)
    _open(path, limits).close()


def read_image(path: str, limits: MediaLimits = DEFAULT_LIMITS, *, side: int = 0) -> "Image":
    """Decode a picture to RGB: first frame, EXIF orientation applied, transparency on white.

    With a `side` a larger picture is made smaller by a whole number of times, each of its sides staying that long at
    least; a JPEG is so while it is decoded, in a tenth of the time.

    Raises MediaError for a file that is absent, broken, truncated, too large or of another format.
    """
    check_file(path, limits)
    with _open(path, limits) as opened:
        try:
            if side:
                opened.draft(None, (side, side))
            opened.load()
            _turn_upright(opened)
            return _reduced(_on_white(opened), side)
        except Exception as error:  # decoders raise anything at all on hostile bytes
            raise MediaError(path, f"is a broken picture: {error}") from error


def _turn_upright(picture: "Image") -> None:
    """Apply the EXIF orientation; a picture whose EXIF is damaged stays as it is."""
    from PIL import ImageOps

    with suppress(Exception):  # parsers raise anything at all on hostile bytes
        ImageOps.exif_transpose(picture, in_place=True)


def _reduced(picture: "Image", side: int) -> "Image":
    """Average squares of pixels, as large as leave `side` of each side."""
    factor = min(picture.size) // side if side else 1
    return picture.reduce(factor) if factor > 1 else picture


def _on_white(picture: "Image") -> "Image":
    """Return the picture in RGB, made in strips: a large one is not held in RGBA several times over."""
    from PIL import Image

    if picture.mode == "RGB" and not picture.has_transparency_data:
        return picture.copy()
    width, height = picture.size
    whole = Image.new("RGB", picture.size)
    rows = max(1, STRIP // width)
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        whole.paste(_strip_on_white(strip), (0, top))
    return whole


def _strip_on_white(strip: "Image") -> "Image":
    from PIL import Image

    if strip.mode.startswith("I"):
        # 16 bits a sample; Pillow's own conversion would clip all above 255.
        scaled = np.asarray(strip, dtype=np.float32) / np.float32(257.0)
        return Image.fromarray(scaled.clip(0, 255).round().astype(np.uint8)).convert("RGB")
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    white = Image.new("RGBA", strip.size, "white")
    return Image.alpha_composite(white, strip.convert("RGBA")).convert("RGB")


def _open(path: str, limits: MediaLimits) -> "Image":
    from PIL import Image, UnidentifiedImageError

    # Pillow remarks on damaged metadata and warns of bombs by its own bound; a picture is read or refused, by ours.
    # A filter for good, as catch_warnings is not safe in the threads that decode.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        opened = Image.open(path, formats=PICTURE_FORMATS)
    except UnidentifiedImageError as error:
        raise MediaError(path, f"is no picture in one of {', '.join(PICTURE_FORMATS)}") from error
    except Image.DecompressionBombError as error:  # Pillow's own bound, before the size can be asked
        raise MediaError(path, f"has too many pixels; expected at most {limits.max_pixels}") from error
    except Exception as error:  # parsers raise anything at all on hostile bytes
        raise MediaError(path, f"is a broken picture: {error}") from error
    width, height = opened.size
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        opened.close()
        bounds = f"at most {limits.max_pixels} pixels and {limits.max_side} a side"
        raise MediaError(path, f"has {width} x {height} pixels; expected {bounds}")
    return opened
