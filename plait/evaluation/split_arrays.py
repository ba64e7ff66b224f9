"""Splits as named arrays, to be saved beside what was measured on them and judged again."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from plait.evaluation.salted import salted
from plait.evaluation.splits import Split
from ranker.interactions import Histories, Interactions

Arrays = Mapping[str, NDArray[Any]]
ENTRIES = ("items", "times", "weights")


def to_arrays(split: Split) -> dict[str, NDArray[Any]]:
    """Return the split as arrays of numbers; texts are bytes of JSON in UTF-8."""
    return {
        "about": _bytes({"name": split.name, "salt": split.salt}),
        "user_ids": _bytes(list(split.user_ids)),
        "item_ids": _bytes(list(split.item_ids)),
        "users": split.users,
        "targets": split.targets,
        "train.users": split.train.users,
        "histories.offsets": split.histories.offsets,
        "histories.now": split.histories.now,
        **{f"train.{name}": getattr(split.train, name) for name in ENTRIES},
        **{f"histories.{name}": getattr(split.histories, name) for name in ENTRIES},
    }


def from_arrays(arrays: Arrays) -> Split:
    """Return the split that `to_arrays` was given. Raises ValueError that names an array which is missing."""
    wanted = ["about", "user_ids", "item_ids", "users", "targets", "train.users", "histories.offsets", "histories.now"]
    _check([*wanted, *(f"{part}.{name}" for part in ("train", "histories") for name in ENTRIES)], arrays)
    about = _json(arrays["about"])
    user_ids, item_ids = IdMap(_json(arrays["user_ids"])), IdMap(_json(arrays["item_ids"]))
    train = Interactions(
        arrays["train.users"], arrays["train.items"], arrays["train.times"], arrays["train.weights"],
        len(user_ids), len(item_ids),
    )  # fmt: skip
    histories = Histories(
        arrays["histories.offsets"], arrays["histories.items"], arrays["histories.times"],
        arrays["histories.weights"], arrays["histories.now"],
    )  # fmt: skip
    ties = salted(about["salt"], item_ids)
    name, salt = about["name"], about["salt"]
    return Split(name, salt, user_ids, item_ids, train, arrays["users"], histories, arrays["targets"], ties)


def _check(wanted: Iterable[str], arrays: Arrays) -> None:
    missing = sorted(set(wanted) - set(arrays))
    if missing:
        raise ValueError(f"arrays lack {', '.join(missing)}; expected what to_arrays of a split returned")


def _bytes(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(bytearray(json.dumps(value).encode()), dtype=np.uint8)


def _json(array: NDArray[Any]) -> Any:
    return json.loads(array.tobytes())
