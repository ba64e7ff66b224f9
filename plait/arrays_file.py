"""Named arrays in one safetensors file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plait.errors import BadData

KINDS: Mapping[str, type[np.generic]] = {
    "BOOL": np.bool_, "U8": np.uint8, "I8": np.int8, "U16": np.uint16, "I16": np.int16, "U32": np.uint32,
    "I32": np.int32, "U64": np.uint64, "I64": np.int64, "F16": np.float16, "F32": np.float32, "F64": np.float64,
}  # fmt: skip
"""Of numbers, as safetensors names them."""


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays; their names and shapes come back as they are. Raises OSError where the disk refuses."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read arrays. Raises BadData that names the file where it is missing or broken."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(path))
    except (SafetensorError, OSError, ValueError) as error:
        raise BadData(f"{path} cannot be read: {error}") from error


def mapped_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file as they lie on disk, read-only: processes that map the same file share its pages.

    Raises BadData as `read_arrays` does.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            # It has read the head, and seen that the places named there fill the file.
            pass
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            head = json.loads(file.read(length))
        content = np.memmap(path, dtype=np.uint8, mode="r", offset=0)[8 + length :]
        return {name: _placed(content, said) for name, said in head.items() if name != "__metadata__"}
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise BadData(f"{path} cannot be read: {error}") from error


def _placed(content: NDArray[np.uint8], said: Mapping[str, Any]) -> NDArray[Any]:
    """Return the array that the head says lies at a place of the content; no copy where it is aligned."""
    start, end = said["data_offsets"]
    array = np.asarray(content[start:end]).view(KINDS[said["dtype"]]).reshape(said["shape"])
    return np.require(array, requirements="A")
