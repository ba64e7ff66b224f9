"""Safe decoding of pictures: formats by content, bounds before memory is spent."""

import warnings
from typing import TYPE_CHECKING

import numpy as np

from embedders.media_limits import DEFAULT_LIMITS, MediaError, MediaLimits, check_file

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def check_image(path: str, limits: MediaLimits = DEFAULT_LIMITS) -> None:
    """Raise MediaError for a picture that file size or header already forbid; nothing is decoded."""
    check_file(path, limits)
    _open(path, limits).close()


def read_image(path: str, limits: MediaLimits = DEFAULT_LIMITS) -> "Image":
    """Decode a picture to RGB: first frame, EXIF orientation applied, transparency on white.

    Raises MediaError for a file that is absent, broken, truncated, too large or of another format.
    """
    from PIL import ImageOps

    check_file(path, limits)
    with _open(path, limits) as opened:
        try:
            opened.load()
            return _on_white(ImageOps.exif_transpose(opened))
        except Exception as error:  # decoders raise anything at all on hostile bytes
            raise MediaError(path, f"is a broken picture: {error}") from error


def _on_white(picture: "Image") -> "Image":
    from PIL import Image

    if picture.mode.startswith("I"):
        # 16 bits a sample; Pillow's own conversion would clip all above 255.
        scaled = np.asarray(picture, dtype=np.float32) / 257.0
        return Image.fromarray(scaled.clip(0, 255).astype(np.uint8)).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def _open(path: str, limits: MediaLimits) -> "Image":
    from PIL import Image, UnidentifiedImageError

    # Pillow remarks on damaged metadata and warns of bombs by its own bound; a picture is read or refused, by ours.
    # A filter for good, as catch_warnings is not safe in the threads that decode.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        opened = Image.open(path, formats=PICTURE_FORMATS)
    except UnidentifiedImageError as error:
        raise MediaError(path, f"is no picture in one of {', '.join(PICTURE_FORMATS)}") from error
    except Exception as error:  # parsers raise anything at all on hostile bytes
        raise MediaError(path, f"is a broken picture: {error}") from error
    width, height = opened.size
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        opened.close()
        bounds = f"at most {limits.max_pixels} pixels and {limits.max_side} a side"
        raise MediaError(path, f"has {width} x {height} pixels; expected {bounds}")
    return opened
