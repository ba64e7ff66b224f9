"""What a training run has come to, in a file that is replaced as a whole, so that a killed run can go on from it.

Runs of different names have files of their own, so that one folder serves several.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Interactions
from ranker.sequence import SequenceModel
from ranker.sequence_settings import SequenceSettings

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a run stands: `arrays` by name, whole `epochs` done, `steps` done of the next, and what was judged."""

    arrays: Mapping[str, NDArray[np.float32]]
    epochs: int
    steps: int
    curve: tuple[tuple[int, float], ...]


def fingerprint(
    interactions: Interactions,
    vectors: Floats,
    settings: SequenceSettings,
    *,
    epochs: int | None,
    seed: int,
    start: SequenceModel | None = None,
) -> str:
    """Return what names a run: another log, other vectors, settings, epochs, seed or start have another name."""
    said = json.dumps([FORMAT, asdict(settings), epochs, seed, interactions.user_count, interactions.item_count])
    digest = hashlib.sha256(said.encode())
    told: list[NDArray[Any]] = [interactions.users, interactions.items, interactions.times, interactions.weights]
    for array in (*told, vectors, *(start.to_arrays().values() if start is not None else ())):
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def file_of(folder: Path, name: str) -> Path:
    """Return the file of the run called `name`."""
    return folder / f"sequence-{name[:16]}.safetensors"


def write_checkpoint(folder: Path, name: str, state: Checkpoint) -> None:
    """Write where the run called `name` stands; a crash meanwhile leaves the former checkpoint as it was."""
    from safetensors.numpy import save

    said = {"run": name, "state": json.dumps([state.epochs, state.steps, state.curve])}
    folder.mkdir(parents=True, exist_ok=True)
    file_name = file_of(folder, name)
    written = file_name.with_suffix(".new")
    with written.open("wb") as file:
        file.write(save({key: np.ascontiguousarray(array) for key, array in state.arrays.items()}, metadata=said))
        file.flush()
        os.fsync(file.fileno())
    written.replace(file_name)


def read_checkpoint(folder: Path, name: str) -> Checkpoint | None:
    """Return where the run called `name` stood; None where there is nothing, of another run, or broken."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file_of(folder, name), framework="numpy") as file:
            said = file.metadata() or {}
            if said.get("run") != name:
                return None
            names: list[str] = list(file.keys())
            arrays = {key: file.get_tensor(key) for key in names}
        epochs, steps, curve = json.loads(said["state"])
        return Checkpoint(arrays, int(epochs), int(steps), tuple((int(epoch), float(gain)) for epoch, gain in curve))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return None
