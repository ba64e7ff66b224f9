"""The content -> CF map: what the factors of an item would be that nobody has met yet."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows

STRENGTHS = (0.3, 1.0, 3.0, 10.0)
LENIENCY = 1.05
"""The weakest ridge whose squared error is within this factor of the least: more ridge makes all predictions alike,
which costs a ranking more than it saves in squared error."""
LEAST_ITEMS = 10
"""Items that were met, below which nothing is learnt from content: all are taken for the mean."""
MOST_ANCHORS = 3_000
"""The map is a kernel over the items it was learnt from; of larger catalogues over this many of the best known."""
REACH = 0.2
"""Standard deviations over which numbers are alike."""
AT_ONCE = 4_096


@dataclass(frozen=True, slots=True)
class ItemFeatures:
    """What is known of n items without any event: one matrix (n, d) a strand, attributes (n, f).

    A zero row of a strand is a missing strand. A column of attributes is the share of a value, at least 0, or else
    a number in standard deviations from the mean of the catalogue.
    """

    strands: Mapping[str, Floats]
    attributes: Floats

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.attributes)

    def take(self, rows: Rows) -> "ItemFeatures":
        """Return the features of the items at `rows`."""
        return ItemFeatures({name: matrix[rows] for name, matrix in self.strands.items()}, self.attributes[rows])


@dataclass(frozen=True, slots=True)
class ContentMap:
    """Kernel ridge: factors(x) = mean + sum_j kernel(x, x_j) dual_j over the items it was learnt from.

    The kernel is a sum, so that each part has a say whatever its dimension: the cosine of each strand and of the
    attributes' values, how alike the numbers are, and whether the same strands are missing. `strands` name the first
    of `anchors`, the attributes (a, f) are the last.
    """

    strands: tuple[str, ...]
    anchors: tuple[Floats, ...]
    dual: Floats
    mean: Floats

    def predict(self, features: ItemFeatures) -> Floats:
        """Return factors (n, k). Raises ValueError for attributes of another width than those learnt from."""
        predicted = np.tile(self.mean, (len(features), 1))
        if not len(self.dual):
            return predicted
        for start in range(0, len(features), AT_ONCE):
            rows = np.arange(start, min(start + AT_ONCE, len(features)))
            predicted[rows] += _kernel(self._matrices(features.take(rows)), self.anchors) @ self.dual
        return predicted

    def _matrices(self, features: ItemFeatures) -> tuple[Floats, ...]:
        """Return the parts of `features` in the order of the anchors; a strand they lack is missing for all."""
        *strands, attributes = self.anchors
        if features.attributes.shape[1] != attributes.shape[1]:
            raise ValueError(f"attributes have {features.attributes.shape[1]} columns; expected {attributes.shape[1]}")
        found = []
        for name, anchors in zip(self.strands, strands, strict=True):
            missing = np.zeros((len(features), anchors.shape[1]), dtype=np.float32)
            matrix = features.strands.get(name, missing)
            found.append(matrix if matrix.shape == missing.shape else missing)
        return (*found, features.attributes)


@dataclass(frozen=True, slots=True)
class ContentFit:
    """A map, and what it would give for each item at `rows` had it been learnt without that item: `left_out`."""

    content: ContentMap
    rows: Rows
    left_out: Floats

    def held_out(self, features: ItemFeatures) -> Floats:
        """Return factors (n, k) of the items learnt from, each as if it were new."""
        predicted = self.content.predict(features)
        predicted[self.rows] = self.left_out
        return predicted


def fit_content_map(features: ItemFeatures, factors: Floats, counts: NDArray[np.int64]) -> ContentFit:
    """Learn from items that were met: `factors` (n, k), `counts` (n,) likings of each; 0 means unmet.

    The strength of the ridge is chosen by leave-one-out errors, which have a closed form.
    """
    strands = tuple(sorted(features.strands))
    rows = np.flatnonzero(counts > 0)
    rows = np.sort(rows[np.argsort(-counts[rows], kind="stable")[:MOST_ANCHORS]])
    if len(rows) < LEAST_ITEMS:
        mean = factors[rows].mean(axis=0) if len(rows) else np.zeros(factors.shape[1], dtype=np.float32)
        nothing = ContentMap((), (), np.zeros((0, factors.shape[1]), dtype=np.float32), mean.astype(np.float32))
        return ContentFit(nothing, rows, np.tile(nothing.mean, (len(rows), 1)))
    known = features.take(rows)
    anchors = (*(known.strands[name] for name in strands), known.attributes)
    mean = factors[rows].mean(axis=0)
    dual, residuals = _ridge(_kernel(anchors, anchors), factors[rows] - mean)
    content = ContentMap(strands, anchors, dual, mean.astype(np.float32))
    return ContentFit(content, rows, (factors[rows] - residuals).astype(np.float32))


def _ridge(kernel: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Return dual weights (a, k) of the weakest ridge of nearly least error, and its leave-one-out residuals (a, k).

    With G = (K + s I)^-1 the dual weights are G y, and leaving item i out its residual is (G y)_i / G_ii
    (Rifkin, Lippert 2007).
    """
    tried = []
    for strength in STRENGTHS:
        inverse = np.linalg.inv(kernel.astype(np.float64) + strength * np.eye(len(kernel)))
        dual = inverse @ targets
        tried.append((dual, dual / np.diag(inverse)[:, None]))
    errors = [float((residuals**2).sum()) for _, residuals in tried]
    chosen = next(place for place, error in enumerate(errors) if error <= LENIENCY * min(errors))
    dual, residuals = tried[chosen]
    return dual.astype(np.float32), residuals.astype(np.float32)


def _kernel(rows: tuple[Floats, ...], anchors: tuple[Floats, ...]) -> Floats:
    """Return (n, a) how alike items are; which attributes are numbers is read off the anchors."""
    numbers = np.asarray((anchors[-1] < 0).any(axis=0), dtype=np.bool_)
    total = _unit(rows[-1] * ~numbers) @ _unit(anchors[-1] * ~numbers).T
    for mine, theirs in zip(rows[:-1], anchors[:-1], strict=True):
        total += _unit(mine) @ _unit(theirs).T
        total += (_present(mine)[:, None] == _present(theirs)[None, :]) / (len(rows) - 1)
    for column in np.flatnonzero(numbers):
        apart = (rows[-1][:, column, None] - anchors[-1][None, :, column]) / REACH
        total += np.exp(-0.5 * apart**2) / numbers.sum()
    return np.asarray(total, dtype=np.float32)


def _present(rows: Floats) -> NDArray[np.bool_]:
    return np.asarray(rows.any(axis=1), dtype=np.bool_)


def _unit(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)
