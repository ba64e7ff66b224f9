"""Measure decoding uploads in a process of its own beside decoding in this one, in turns, and compare the vectors."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

if sys.path[0].endswith("scripts"):
    # Run by its path, this folder would come before the standard library, whose profile.py it hides.
    sys.path.pop(0)

import numpy as np
import typer

from embedders.bundles import BUNDLES, make_encoder
from embedders.decoding_process import Bounds
from embedders.items import Strand
from embedders.media import DEFAULT_LIMITS, audio_windows, read_image
from embedders.raw_media import SIDE
from plait.service.decoders import Decoders
from scripts.interleaved import interleaved

ENDS = {
    Strand.IMAGE: (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tiff"),
    Strand.AUDIO: (".wav", ".flac", ".ogg", ".mp3", ".aiff"),
}


def read(path: Path, strand: Strand) -> None:
    """Decode a medium as the encoders of the compact bundle do."""
    if strand is Strand.IMAGE:
        read_image(str(path), side=SIDE)
    else:
        sum(len(window) for window in audio_windows(str(path), sample_rate=22_050, seconds=10.0))


def cosines(decoders: Decoders, files: Sequence[Path], strand: Strand) -> list[float]:
    """Return the cosine of the vector of each medium with that of its raw file."""
    encoder = make_encoder(BUNDLES["compact"].encoders[strand])
    found = []
    for path in files:
        raw = raw_of(decoders, path, strand)
        direct, mine = encoder.encode([str(path), str(raw)])
        found.append(float(direct @ mine))
    return found


def raw_of(decoders: Decoders, path: Path, strand: Strand) -> Path:
    """Return the raw file of a medium, whose folder is left as it is."""
    copy = Path(tempfile.gettempdir()) / f"plait-bench-{strand.value}"
    copy.write_bytes(path.read_bytes())
    return decoders.decoded(copy, strand)


def main(
    folders: Annotated[list[Path], typer.Argument(help="Folders with pictures and sounds, searched through.")],
    most: Annotated[int, typer.Option(help="So many files of each kind and folder at most.")] = 200,
) -> None:
    """Time each file three times both ways: what is sent is written to a file in either."""
    decoders = Decoders(1, Bounds(DEFAULT_LIMITS))
    for folder in folders:
        for strand, ends in ENDS.items():
            files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ends)
            files = files[:: max(1, len(files) // most)][:most]
            if files:
                measure(decoders, folder, files, strand)
    decoders.close()


def measure(decoders: Decoders, folder: Path, files: Sequence[Path], strand: Strand) -> None:
    """Print milliseconds a file, both ways, and the least cosine."""
    raw_of(decoders, files[0], strand)

    def beside(turn: int) -> None:
        read(raw_of(decoders, files[turn % len(files)], strand), strand)

    def direct(turn: int) -> None:
        read(files[turn % len(files)], strand)

    times = interleaved({"direct": direct, "process": beside}, 3 * len(files))
    walls = {name: np.asarray([wall for _, wall in each]) for name, each in times.items()}
    alike = cosines(decoders, files[: max(1, len(files) // 2)], strand)
    told = [f"{name} {np.median(wall):.1f} (p95 {np.percentile(wall, 95):.1f})" for name, wall in walls.items()]
    size = np.mean([path.stat().st_size for path in files]) / 1e3
    what = f"{folder.name:10} {strand.value:6} {len(files):4} files of {size:6.0f} kB"
    print(what, "ms:", *told, f"least cosine {min(alike):.7f}", sep="   ", flush=True)


if __name__ == "__main__":
    typer.run(main)
