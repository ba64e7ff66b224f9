"""Files of arrays that are there whole or not at all, whoever is killed meanwhile."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from plait.arrays_file import write_arrays
from plait.durable import sync


def write_whole(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays beside `path`, and put them there once they are on the disk."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    write_arrays(fresh, arrays)
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)
