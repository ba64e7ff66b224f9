"""The content -> CF map: what the factors of an item would be that nobody has met yet."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats

STRENGTHS = (0.1, 0.3, 1.0, 3.0)
FOLDS = 5
MOST_KERNEL = 3_000
"""Items up to which the map is a kernel over all of them; beyond, it keeps this many of the best known."""


@dataclass(frozen=True, slots=True)
class ItemFeatures:
    """What is known of n items without any event: one matrix (n, d) a strand, attributes (n, f).

    A zero row of a strand is a missing strand.
    """

    strands: Mapping[str, Floats]
    attributes: Floats

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.attributes)

    def take(self, rows: NDArray[np.int64]) -> "ItemFeatures":
        """Return the features of the items at `rows`."""
        return ItemFeatures({name: matrix[rows] for name, matrix in self.strands.items()}, self.attributes[rows])


@dataclass(frozen=True, slots=True)
class ContentMap:
    """Kernel ridge: factors(x) = mean + sum_j kernel(x, x_j) dual_j over the items it was learnt from.

    The kernel is the sum over parts (strands, attributes) of the cosine of what the items have, so that each part
    has a say whatever its dimension. `strands` name the parts in the order of `anchors`, attributes last.
    """

    strands: tuple[str, ...]
    anchors: tuple[Floats, ...]
    dual: Floats
    mean: Floats

    def predict(self, features: ItemFeatures) -> Floats:
        """Return factors (n, k)."""
        if not len(self.dual):
            return np.tile(self.mean, (len(features), 1))
        kernel = _kernel(_parts(features, self.strands), self.anchors)
        return np.asarray(kernel @ self.dual + self.mean, dtype=np.float32)


def fit_content_map(features: ItemFeatures, factors: Floats, counts: NDArray[np.int64]) -> ContentMap:
    """Learn from items that were met: `factors` (n, k), `counts` (n,) events of each; 0 means unmet.

    The ridge strength is chosen by five-fold cross-validation over the items.
    """
    strands = tuple(sorted(features.strands))
    known = np.flatnonzero(counts > 0)
    known = np.sort(known[np.argsort(-counts[known], kind="stable")[:MOST_KERNEL]])
    anchors = _parts(features.take(known), strands)
    mean = factors[known].mean(axis=0) if len(known) else np.zeros(factors.shape[1], dtype=np.float32)
    if len(known) < 2 * FOLDS:
        return ContentMap(strands, anchors, np.zeros((0, factors.shape[1]), dtype=np.float32), mean)
    kernel, targets = _kernel(anchors, anchors), factors[known] - mean
    errors = {strength: float(((_held_out(kernel, targets, strength) - targets) ** 2).sum()) for strength in STRENGTHS}
    best = min(errors, key=lambda strength: errors[strength])
    dual = np.linalg.solve(kernel + best * np.eye(len(known), dtype=np.float32), targets)
    return ContentMap(strands, anchors, dual.astype(np.float32), mean.astype(np.float32))


def held_out_factors(content: ContentMap, features: ItemFeatures, factors: Floats, counts: NDArray[np.int64]) -> Floats:
    """Return for each item the factors (n, k) a map would give that was learnt without it."""
    predicted = content.predict(features)
    known = np.flatnonzero(counts > 0)
    for fold in range(FOLDS if len(content.dual) else 0):
        out = known[np.arange(len(known)) % FOLDS == fold]
        rest = counts.copy()
        rest[out] = 0
        predicted[out] = fit_content_map(features, factors, rest).predict(features.take(out))
    return predicted


def _held_out(kernel: Floats, targets: Floats, strength: float) -> Floats:
    """Return (n, k) leave-one-out predictions in closed form: y - (K + sI)^-1 y / diag((K + sI)^-1)."""
    inverse = np.linalg.inv(kernel + strength * np.eye(len(kernel), dtype=np.float32))
    return np.asarray(targets - (inverse @ targets) / np.diag(inverse)[:, None], dtype=np.float32)


def _parts(features: ItemFeatures, strands: tuple[str, ...]) -> tuple[Floats, ...]:
    missing = np.zeros((len(features), 1), dtype=np.float32)
    matrices = [features.strands.get(name, missing) for name in strands]
    return tuple(_unit(matrix) for matrix in (*matrices, features.attributes))


def _kernel(rows: tuple[Floats, ...], anchors: tuple[Floats, ...]) -> Floats:
    total = np.zeros((len(rows[-1]), len(anchors[-1])), dtype=np.float32)
    for mine, theirs in zip(rows, anchors, strict=True):
        if mine.shape[1] == theirs.shape[1]:
            total += mine @ theirs.T
    return total


def _unit(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)
