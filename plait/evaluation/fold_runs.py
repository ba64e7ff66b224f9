"""Fold runs: what was observed of each fold of cross-modal, kept in a folder so that a killed evaluation goes on."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from plait.arrays_file import read_arrays
from plait.errors import BadData
from plait.evaluation.identity import identity
from plait.evaluation.observations import Observations
from plait.evaluation.sources import source_hash
from plait.evaluation.spent import Meter, Spent
from plait.evaluation.whole_files import write_whole

FORMAT = 1
JUDGING = ("plait.evaluation.cross_modal", "plait.evaluation.fold_runs")
"""The modules whose code, with all that they import, a kept fold depends on."""
VALUE = "value "


class FoldRuns:
    """Observes folds, or reads what was observed before of the same data by the same code.

    A fold's file is named by a hash of `data`, all that folds have in common, of what is its own, and of the code. It
    is there whole or not at all.
    """

    def __init__(self, folder: Path | None, data: object) -> None:
        """Keep folds in a folder, made where absent; without one nothing is kept."""
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._key = f"{FORMAT} {identity(data)} {source_hash(*JUDGING)}"

    def run(self, fold: object, observe: Callable[[], Observations]) -> tuple[Observations, Spent]:
        """Return what `observe` sees of a fold, and what it took."""
        if self._folder is None:
            return _made(observe)
        key = json.dumps([self._key, identity(fold)])
        path = self._folder / f"cross-modal-{hashlib.sha256(key.encode()).hexdigest()[:32]}.safetensors"
        if (kept := _read(path)) is not None:
            return kept
        observed, spent = _made(observe)
        values = {f"{VALUE}{name}": column for name, column in observed.values.items()}
        write_whole(path, {"users": observed.users, "spent": np.asarray([spent.seconds, spent.peak_mb]), **values})
        return observed, spent


def _made(observe: Callable[[], Observations]) -> tuple[Observations, Spent]:
    meter = Meter()
    observed = observe()
    return observed, meter.read()


def _read(path: Path) -> tuple[Observations, Spent] | None:
    """Return a kept fold, None where there is none that can be read: it is made again."""
    if not path.is_file():
        return None
    try:
        kept = read_arrays(path)
        values = {name.removeprefix(VALUE): column for name, column in kept.items() if name.startswith(VALUE)}
        return Observations(kept["users"], values), Spent(*kept["spent"].tolist())
    except (BadData, KeyError, TypeError):
        return None
