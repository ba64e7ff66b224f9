"""The learned fusion as a file of the index snapshot."""

from pathlib import Path

from embedders.fusion import Fusion
from embedders.fusion_arrays import from_arrays, to_arrays
from plait.arrays_file import read_arrays, write_arrays

FILE = "fusion.safetensors"


def write_fusion(folder: Path, fusion: Fusion) -> None:
    """Write the fusion into `folder`."""
    write_arrays(folder / FILE, to_arrays(fusion))


def read_fusion(folder: Path) -> Fusion:
    """Read the fusion in `folder`. Raises BadData for a broken file."""
    return from_arrays(read_arrays(folder / FILE))
