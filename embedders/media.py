"""Safe decoding of media: what may be read, checked cheaply or decoded whole."""

from embedders.items import Strand
from embedders.media_limits import DEFAULT_LIMITS, MediaError, MediaLimits
from embedders.pictures import PICTURE_FORMATS, check_image, read_image
from embedders.sounds import SOUND_FORMATS, audio_windows, check_audio, read_audio

__all__ = [
    "DEFAULT_LIMITS",
    "PICTURE_FORMATS",
    "SOUND_FORMATS",
    "MediaError",
    "MediaLimits",
    "audio_windows",
    "check_media",
    "read_audio",
    "read_image",
]


def check_media(path: str, strand: Strand, limits: MediaLimits = DEFAULT_LIMITS) -> None:
    """Look at a file's size and header only.

    Raises MediaError for what `read_image` or `read_audio` refuses without decoding: absent, no regular file, empty,
    too large, an unknown format, out of bounds. A text needs no file and passes.
    """
    if strand is Strand.IMAGE:
        check_image(path, limits)
    elif strand is Strand.AUDIO:
        check_audio(path, limits)
