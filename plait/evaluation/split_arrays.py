"""Splits as named arrays, to be saved beside what was measured on them and judged again."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from plait.evaluation.salted import salted
from plait.evaluation.shown import Shown
from plait.evaluation.splits import Split
from plait.history import Log
from ranker.interactions import Histories

Arrays = Mapping[str, NDArray[Any]]
CASES = ("users", "targets", "target_offsets", "ratings", "pool")
ENTRIES = ("offsets", "items", "times", "weights", "now")
EVENTS = ("users", "items", "times", "weights", "positive", "ratings")
BATCHES = ("histories", "seen")
SHOWN = ("users", "owners", "items", "happened")
"""There where the log had impressions, with a batch of histories of their own."""


def to_arrays(split: Split) -> dict[str, NDArray[Any]]:
    """Return the split as arrays of numbers; texts are bytes of JSON in UTF-8."""
    about = {"name": split.name, "salt": split.salt, "part": split.part, "groups": list(split.groups)}
    return {
        "about": _bytes(about),
        "user_ids": _bytes(list(split.user_ids)),
        "item_ids": _bytes(list(split.item_ids)),
        **{name: getattr(split, name) for name in CASES},
        **{f"learnt.{name}": getattr(split.learnt, name) for name in EVENTS},
        **{f"{batch}.{name}": getattr(getattr(split, batch), name) for batch in BATCHES for name in ENTRIES},
        **{f"group.{place}": inside for place, inside in enumerate(split.groups.values())},
        **_shown_arrays(split.shown),
    }


def from_arrays(arrays: Arrays) -> Split:
    """Return the split that `to_arrays` was given. Raises ValueError that names an array which is missing."""
    _check(["about", "user_ids", "item_ids", *CASES, *(f"learnt.{name}" for name in EVENTS)], arrays)
    _check((f"{batch}.{name}" for batch in BATCHES for name in ENTRIES), arrays)
    about = _json(arrays["about"])
    _check((f"group.{place}" for place in range(len(about["groups"]))), arrays)
    user_ids, item_ids = IdMap(_json(arrays["user_ids"])), IdMap(_json(arrays["item_ids"]))
    return Split(
        name=about["name"],
        salt=about["salt"],
        learnt=Log(user_ids, item_ids, *(arrays[f"learnt.{name}"] for name in EVENTS)),
        users=arrays["users"],
        histories=Histories(*(arrays[f"histories.{name}"] for name in ENTRIES)),
        seen=Histories(*(arrays[f"seen.{name}"] for name in ENTRIES)),
        targets=arrays["targets"],
        target_offsets=arrays["target_offsets"],
        ratings=arrays["ratings"],
        pool=arrays["pool"],
        ties=salted(about["salt"], item_ids),
        part=about["part"],
        groups={name: arrays[f"group.{place}"] for place, name in enumerate(about["groups"])},
        shown=_shown(arrays),
    )


def _shown_arrays(shown: Shown | None) -> dict[str, NDArray[Any]]:
    if shown is None:
        return {}
    return {f"shown.{name}": getattr(shown, name) for name in SHOWN} | {
        f"shown.histories.{name}": getattr(shown.histories, name) for name in ENTRIES
    }


def _shown(arrays: Arrays) -> Shown | None:
    if not any(name.startswith("shown.") for name in arrays):
        return None
    _check([*(f"shown.{name}" for name in SHOWN), *(f"shown.histories.{name}" for name in ENTRIES)], arrays)
    users, *rest = (arrays[f"shown.{name}"] for name in SHOWN)
    return Shown(users, Histories(*(arrays[f"shown.histories.{name}"] for name in ENTRIES)), *rest)


def _check(wanted: Iterable[str], arrays: Arrays) -> None:
    missing = sorted(set(wanted) - set(arrays))
    if missing:
        raise ValueError(f"arrays lack {', '.join(missing)}; expected what to_arrays of a split returned")


def _bytes(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(bytearray(json.dumps(value).encode()), dtype=np.uint8)


def _json(array: NDArray[Any]) -> Any:
    return json.loads(array.tobytes())
