"""SequenceModel: what a sequence encoder learnt, and how it reads a history. Needs numpy alone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Histories, Recent, Rows
from ranker.sequence_reading import Arrays, encode
from ranker.sequence_settings import SequenceSettings

USERS_AT_ONCE = 64
_INNER = "encoder/"


@dataclass(frozen=True, slots=True)
class SequenceModel:
    """logits (m, n) of what comes next = `states(histories) @ item_factors.T + bias`.

    `item_factors` (n, k) and `bias` (n,) of all items, `met` (n,) which of them training met; the others are known by
    content alone, and are zero where content is not read. `projection` (D, k) and `mean` (D,) are the map from fused
    vectors, of no rows where content is not read; `arrays` the parameters of the encoder.
    """

    settings: SequenceSettings
    item_factors: Floats
    bias: Floats
    met: NDArray[np.bool_]
    projection: Floats
    mean: Floats
    arrays: Arrays

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.item_factors)

    def states(self, histories: Histories | Recent, *, factors: Floats | None = None) -> Floats:
        """Return (m, k) what is expected after the last events of each history; one without events is a start.

        Items are rows of `item_factors`, or of other `factors` (x, k) that hold later items as well (see `embed`);
        an item of -1 is skipped. Raises ValueError for rows beyond.
        """
        recent = histories.recent(self.settings.length) if isinstance(histories, Histories) else histories
        factors = self.item_factors if factors is None else factors
        if recent.items.size and recent.items.max() >= len(factors):
            raise ValueError(f"histories hold item {recent.items.max()}; expected items below {len(factors)}")
        states = np.empty((len(recent.items), self.settings.width), dtype=np.float32)
        for start in range(0, len(states), USERS_AT_ONCE):
            rows = slice(start, start + USERS_AT_ONCE)
            items, weights, lengths = sequences(recent.items[rows], recent.weights[rows], self.settings.length)
            read = encode(self._embedded(items, weights, factors), self.arrays, self.settings)
            states[rows] = read[np.arange(len(items)), lengths - 1]
        return states

    def embed(self, vectors: Floats) -> Floats:
        """Return (x, k) the factors of new items of fused `vectors` (x, D); zero where content is not read."""
        if not len(self.projection):
            return np.zeros((len(vectors), self.settings.width), dtype=np.float32)
        return np.asarray((vectors - self.mean) @ self.projection, dtype=np.float32)

    def logits(self, histories: Histories | Recent) -> Floats:
        """Return (m, n) what is said of every item."""
        return np.asarray(self.states(histories) @ self.item_factors.T + self.bias, dtype=np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is to be written as arrays; the settings go beside them, as `asdict` makes them."""
        own = {"item_factors": self.item_factors, "bias": self.bias, "met": self.met, "projection": self.projection}
        return {**own, "mean": self.mean, **{f"{_INNER}{name}": array for name, array in self.arrays.items()}}

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> "SequenceModel":
        """Return the model that was written. Raises KeyError, TypeError or ValueError for what is none."""
        inner = {name.removeprefix(_INNER): array for name, array in arrays.items() if name.startswith(_INNER)}
        return cls(
            SequenceSettings(**settings), arrays["item_factors"], arrays["bias"], arrays["met"], arrays["projection"],
            arrays["mean"], inner,
        )  # fmt: skip

    def settings_json(self) -> dict[str, Any]:
        """Return the settings as JSON can hold them."""
        return asdict(self.settings)

    def _embedded(self, items: Rows, weights: Floats, factors: Floats) -> Floats:
        """Return (m, places, k) what the encoder reads of items; -1 is the start."""
        known = np.concatenate((factors, self.arrays["start"][None]))
        rows = known[np.where(items >= 0, items, len(factors))] * np.float32(self.settings.width**0.5)
        if self.settings.reads_weights:
            rows = rows + np.stack((weights, np.abs(weights)), axis=2) @ self.arrays["liking"]
        return np.asarray(rows, dtype=np.float32)


def sequences(newest_first: Rows, weights: Floats, length: int) -> tuple[Rows, Floats, Rows]:
    """Return (m, places) items and weights, oldest first, padded behind, and the (m,) places that are used.

    Items of -1 are skipped. What is shorter than `length` begins with the start, which is -1 as well.
    """
    known = newest_first >= 0
    order = np.argsort(~known, axis=1, kind="stable")[:, :length]
    counts = np.minimum(known.sum(axis=1), length)
    lengths = np.minimum(counts + 1, length)
    # Place p of a row holds, from the newest, entry `lengths - 1 - p`; one beyond the last is the start.
    back = lengths[:, None] - 1 - np.arange(int(lengths.max(initial=1)))
    there = (back >= 0) & (back < counts[:, None])
    if not order.shape[1]:
        return np.full(there.shape, -1), np.zeros(there.shape, dtype=np.float32), lengths
    entries = np.take_along_axis(order, np.where(there, back, 0), axis=1)
    items = np.where(there, np.take_along_axis(newest_first, entries, axis=1), -1)
    return items, np.where(there, np.take_along_axis(weights, entries, axis=1), 0.0).astype(np.float32), lengths
