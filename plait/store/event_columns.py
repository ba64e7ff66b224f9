"""EventColumns: the whole log as arrays, to learn from."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS = ("user_id", "item_id", "event", "timestamp", "value", "sequence")


@dataclass(frozen=True, slots=True)
class EventColumns:
    """n events in the order recorded; texts are codes into a tuple, which is in the order of first use.

    `users`, `items`, `events` (n,) int64 codes into `user_ids`, `item_ids`, `event_names`; `timestamps` (n,)
    float64 Unix seconds; `values` (n,) float64, NaN where there is none; `sequences` (n,) int64.
    """

    user_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    event_names: tuple[str, ...]
    users: NDArray[np.int64]
    items: NDArray[np.int64]
    events: NDArray[np.int64]
    timestamps: NDArray[np.float64]
    values: NDArray[np.float64]
    sequences: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.users)


def event_columns(rows: Iterable[Any]) -> EventColumns:
    """Gather rows of COLUMNS; beyond the arrays only the distinct texts are held."""
    users, items, events = _Codes(), _Codes(), _Codes()
    timestamps, values, sequences = array("d"), array("d"), array("q")
    for user_id, item_id, event, timestamp, value, sequence in rows:
        users.add(user_id)
        items.add(item_id)
        events.add(event)
        timestamps.append(timestamp)
        values.append(np.nan if value is None else value)
        sequences.append(sequence)
    return EventColumns(
        tuple(users.places), tuple(items.places), tuple(events.places),
        _integers(users.codes), _integers(items.codes), _integers(events.codes),
        _floats(timestamps), _floats(values), _integers(sequences),
    )  # fmt: skip


class _Codes:
    """One column of texts as codes."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.codes = array("q")

    def add(self, text: str) -> None:
        self.codes.append(self.places.setdefault(text, len(self.places)))


def _integers(column: "array[int]") -> NDArray[np.int64]:
    return np.array(column, dtype=np.int64)


def _floats(column: "array[float]") -> NDArray[np.float64]:
    return np.array(column, dtype=np.float64)
