"""Decoding process: decodes media that nobody knows, in a process that may use little and can do no harm when it fails.

A line of JSON comes in for each medium and one goes out. The process ends when nobody asks any more.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import IO

from embedders.items import Strand
from embedders.media_limits import MediaError, MediaLimits
from embedders.raw_media import Numbers, write_raw

READY = b"ready\n"
FILES = 32
"""How many files the process may have open."""
LIBRARIES = 1 << 30
"""Bytes of address space that the interpreter and the decoders take before anything is decoded, with room."""
PIXEL_BYTES = 16
"""Bytes that a pixel may take on its way: as it was decoded, in strips with transparency, and as it is written."""
NO_NETWORK = 0x10000000 | 0x40000000
"""unshare(2): a user namespace, and in it a network namespace, which has no interfaces."""
Decode = Callable[[str, str, Strand, MediaLimits], Numbers]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What decoding one medium may take: seconds, of the processor and by the clock, and bytes of what comes out."""

    limits: MediaLimits
    seconds: int = 20
    bytes: int = 512_000_000

    def to_json(self) -> str:
        """Return it as the process reads it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Bounds":
        """Return what `to_json` gave."""
        told = json.loads(text)
        return cls(MediaLimits(**told["limits"]), told["seconds"], told["bytes"])


def serve(bounds: Bounds, decode: Decode = write_raw) -> None:
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    # What the decoders' libraries print is no answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _load()
    _confine(bounds)
    answers.write(READY)
    answers.flush()
    _answer(sys.stdin.buffer, answers, bounds, decode)


def _answer(jobs: IO[bytes], answers: IO[bytes], bounds: Bounds, decode: Decode) -> None:
    for line in jobs:
        job = json.loads(line)
        _limit_time(bounds.seconds)
        answers.write(json.dumps(_decoded(job, bounds.limits, decode)).encode() + b"\n")
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _decoded(job: dict[str, str], limits: MediaLimits, decode: Decode) -> dict[str, object]:
    """Return what is told of a medium: two numbers, or why it is refused."""
    try:
        return {"numbers": decode(job["source"], job["target"], Strand(job["strand"]), limits)}
    except MediaError as error:
        return {"refused": error.reason}
    except MemoryError:
        return {"refused": "takes too much memory to decode"}
    except OSError as error:
        return {"refused": f"cannot be decoded: {error.strerror}"}
    except Exception as error:  # decoders raise anything at all on hostile bytes
        return {"refused": f"cannot be decoded: {type(error).__name__}"}


def _load() -> None:
    """Import all that decoding needs, before there are bounds."""
    import soundfile  # noqa: F401 - for later
    from PIL import Image

    Image.init()


def _confine(bounds: Bounds) -> None:
    """Bound memory, files and processes for good, and leave the network where the system lets us."""
    ctypes.CDLL(None).unshare(NO_NETWORK)
    memory = LIBRARIES + PIXEL_BYTES * bounds.limits.max_pixels
    for what, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, bounds.bytes), (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_NPROC, 0), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _limit_time(seconds: int) -> None:
    """Let the system end this process when the next medium takes longer; who asked may be gone by then."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds)


if __name__ == "__main__":
    serve(Bounds.from_json(sys.argv[1]))
