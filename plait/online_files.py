"""Online files: what was learnt since a training, with the names of its rows, and how it lies on disk."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from plait.arrays_file import read_arrays, write_arrays
from plait.errors import BadData
from ranker.combination import Combination
from ranker.online import Online

ARRAYS = "online.safetensors"
NAMES = "names.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt online on top of models; the rows of `online` have `item_ids`.

    `training` says which: the number under which they were trained, and the last change of the store that they contain.
    The number alone may be given again; a training that gets it contains what was learnt from online, and more.
    """

    training: tuple[int, int]
    item_ids: IdMap
    online: Online

    def by(self, item_ids: IdMap) -> Online:
        """Return what was learnt by the rows of other ids; nothing for those that are new."""
        return self.online.take(self.item_ids.rows(list(item_ids)))


def write_online(folder: Path, learnt: Learnt) -> None:
    """Write what was learnt into `folder`; of items of which nothing was, nothing is written."""
    online = learnt.online
    touched = np.flatnonzero(online.items.any(axis=1))
    arrays: dict[str, NDArray[Any]] = {
        "knots": online.combination.knots,
        "first": online.first,
        "second": online.second,
        "items": online.items[touched],
    }
    ids = list(learnt.item_ids)
    names = {
        "format": FORMAT,
        "model": learnt.training[0],
        "trained": learnt.training[1],
        "bias": online.combination.bias,
        "steps": online.steps,
        "item_ids": [ids[row] for row in touched.tolist()],
    }
    write_arrays(folder / ARRAYS, arrays)
    (folder / NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")


def read_online(folder: Path) -> Learnt:
    """Read what `write_online` wrote. Raises BadData for broken files, and for those of another version."""
    arrays = read_arrays(folder / ARRAYS)
    try:
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        if names["format"] != FORMAT:
            raise ValueError(f"format {names['format']}, expected {FORMAT}")
        combination = Combination(arrays["knots"], float(names["bias"]))
        online = Online(combination, arrays["first"], arrays["second"], int(names["steps"]), arrays["items"])
        # Without it, as an earlier version wrote, it belongs to none: no training contains less than nothing.
        training = int(names["model"]), int(names.get("trained", -1))
        return Learnt(training, IdMap(names["item_ids"]), online)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise BadData(f"{folder / NAMES} cannot be read: {error}") from error
