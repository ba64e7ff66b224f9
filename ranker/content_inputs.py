"""The inputs of a content kernel: what items are made of, part by part, so that each part can be weighed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows
from ranker.item_features import ItemFeatures

MOST_COLUMNS = 12
"""Columns of attributes that are weighed one by one; those with the fewest values beyond them share a weight."""
NEAR, FAR = 0.07, 1.4
"""Standard deviations over which numbers are alike: those next to each other, and those of one age."""

Prepared = tuple[Floats, ...]
"""One matrix (n, d) an input: strands, columns, numbers, what is missing."""


@dataclass(frozen=True, slots=True)
class ContentInputs:
    """How the features of items become inputs, each of which has its own likeness.

    `centres` are the mean vectors (d,) of the strands over the items learnt from; each of `columns` holds the places
    of the values of one column among `width` attributes, `numbers` the places of numbers, `rest` all others, such as
    the flags for "missing".
    """

    centres: Mapping[str, Floats]
    columns: tuple[Rows, ...]
    numbers: Rows
    rest: Rows
    width: int

    @classmethod
    def of(cls, features: ItemFeatures) -> "ContentInputs":
        """Return the inputs that `features` of the items learnt from have: a number is what is ever below 0."""
        numeric = np.asarray((features.attributes < 0).any(axis=0), dtype=np.bool_)
        names = np.asarray(features.columns or [""] * len(numeric), dtype=np.str_)
        found = [np.flatnonzero((names == name) & ~numeric) for name in sorted(set(names.tolist()) - {""})]
        found = sorted((places for places in found if len(places)), key=lambda places: (-len(places), int(places[0])))
        few = found[MOST_COLUMNS - 1 :]
        columns = (*found[: MOST_COLUMNS - 1], *([np.sort(np.concatenate(few))] if few else []))
        rest = np.flatnonzero((names == "") & ~numeric)
        centres = {name: _centre(features.strands[name]) for name in sorted(features.strands)}
        return cls(centres, columns, np.flatnonzero(numeric), rest, len(numeric))

    @property
    def count(self) -> int:
        """The number of matrices that `likenesses` yields."""
        return len(self.centres) + len(self.columns) + 2 * bool(len(self.numbers)) + 1

    def prepare(self, features: ItemFeatures) -> Prepared:
        """Return the inputs of n items; a strand they lack is missing for all.

        Raises ValueError for attributes of another width than those learnt from.
        """
        attributes = features.attributes
        if attributes.shape[1] != self.width:
            raise ValueError(f"attributes have {attributes.shape[1]} columns; expected {self.width}")
        strands = [self._strand(features, name) for name in self.centres]
        absent = [~rows.any(axis=1, keepdims=True) for rows in strands]
        missing = np.concatenate([attributes[:, self.rest], *absent], axis=1).astype(np.float32)
        centred = [
            _unit((rows - centre) * ~lacks)
            for rows, centre, lacks in zip(strands, self.centres.values(), absent, strict=True)
        ]
        return (*centred, *(attributes[:, places] for places in self.columns), attributes[:, self.numbers], missing)

    def speaking(self, rows: Prepared) -> NDArray[np.bool_]:
        """Return (n, count) which of the likenesses have something to say of an item.

        A strand is silent where it is missing; attributes, and what is missing among them, where there are none.
        """
        strands = [part.any(axis=1) for part in rows[: len(self.centres)]]
        attributes = rows[len(self.centres) : -1]
        told = np.ones(len(rows[-1]), dtype=np.bool_)
        if any(part.shape[1] for part in attributes):
            told = np.any([part.any(axis=1) for part in attributes], axis=0)
        return np.stack([*strands, *[told] * (self.count - len(strands))], axis=1)

    def likenesses(self, mine: Prepared, anchors: Prepared) -> Iterator[Floats]:
        """Yield how alike items are to anchors, (n, a), input by input.

        Strands by the cosine of what sets them apart from the mean, values by how many are shared, numbers by two
        bells, and whether the same is missing.
        """
        for left, right in zip(mine[:-2], anchors[:-2], strict=True):
            yield left @ right.T
        if len(self.numbers):
            yield from (_bells(mine[-2], anchors[-2], width) for width in (NEAR, FAR))
        yield mine[-1] @ anchors[-1].T

    def kernel(self, weights: Floats, mine: Prepared, anchors: Prepared) -> Floats:
        """Return (n, a) the sum of all likenesses, each times its weight (count,)."""
        total = np.zeros((len(mine[-1]), len(anchors[-1])), dtype=np.float32)
        for weight, likeness in zip(weights.tolist(), self.likenesses(mine, anchors), strict=True):
            total += np.float32(weight) * likeness
        return total

    def _strand(self, features: ItemFeatures, name: str) -> Floats:
        missing = np.zeros((len(features), len(self.centres[name])), dtype=np.float32)
        rows = features.strands.get(name, missing)
        return rows if rows.shape == missing.shape else missing


def _bells(mine: Floats, anchors: Floats, width: float) -> Floats:
    """Return (n, a) the mean over numbers of exp(-apart^2 / 2 width^2)."""
    total = np.zeros((len(mine), len(anchors)), dtype=np.float32)
    for left, right in zip(mine.T, anchors.T, strict=True):
        total += np.exp(-0.5 * ((left[:, None] - right[None, :]) / width) ** 2)
    return total / np.float32(mine.shape[1])


def _centre(rows: Floats) -> Floats:
    present = rows[rows.any(axis=1)]
    return np.asarray(present.mean(axis=0) if len(present) else np.zeros(rows.shape[1]), dtype=np.float32)


def _unit(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)
