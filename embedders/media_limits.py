"""What a medium may cost, and the error that says why one is refused."""

from dataclasses import dataclass
from pathlib import Path

NAME = 100
"""Characters of a file's name that a message shows."""


class MediaError(ValueError):
    """A picture or sound that cannot be used; the message says why in one line, `path` which."""

    def __init__(self, path: str, reason: str) -> None:
        # Decoders' own words and odd file names hold line breaks, and can be as long as they like.
        self.reason = " ".join(reason.split())
        super().__init__(f"{' '.join(Path(path).name[:NAME].split())} {self.reason}")
        self.path = path


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What a medium may cost: bytes of the file, pixels and longest side of a picture, seconds of a sound."""

    max_bytes: int = 100_000_000
    max_pixels: int = 50_000_000
    max_side: int = 20_000
    max_seconds: float = 7_200.0


DEFAULT_LIMITS = MediaLimits()


def check_file(path: str, limits: MediaLimits) -> None:
    """Raise MediaError for what is absent, no regular file, empty or too large; nothing is opened."""
    file = Path(path)
    try:
        regular, size = file.is_file(), file.stat().st_size
    except FileNotFoundError as error:
        raise MediaError(path, "is absent") from error
    except (OSError, ValueError) as error:
        raise MediaError(path, f"cannot be read: {getattr(error, 'strerror', error)}") from error
    if not regular:
        raise MediaError(path, "is no regular file")
    if size > limits.max_bytes:
        raise MediaError(path, f"has {size} bytes; expected at most {limits.max_bytes}")
    if not size:
        raise MediaError(path, "is an empty file")
