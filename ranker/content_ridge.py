"""ContentRidge: what content tells of an item, by a kernel whose parts are weighed by evidence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.content_inputs import ContentInputs, Prepared
from ranker.evidence import likeliest_weights
from ranker.interactions import Floats, Rows

WEIGHED = 800
"""Items by which the parts are weighed: each step inverts a square of so many."""
AT_ONCE = 2_048


@dataclass(frozen=True, slots=True)
class ContentRidge:
    """f(x) = mean + sum_j kernel(x, x_j) dual_j over a anchors, of what x has.

    `weights` (parts,) of the kernel, `targets` (a, k) without their `mean` (k,), `dual` (a, k) for items that have
    every input. Of an item that lacks some, the others know more than their share of that sum: they answer as if they
    were all there is, (K + I)^-1 targets over their own parts of the kernel.
    """

    weights: Floats
    targets: Floats
    dual: Floats
    mean: Floats

    def to_arrays(self) -> dict[str, Floats]:
        """Return the ridge as named arrays, its own fields."""
        return {"weights": self.weights, "targets": self.targets, "dual": self.dual, "mean": self.mean}

    def predict(self, inputs: ContentInputs, rows: Prepared, anchors: Prepared) -> Floats:
        """Return (n, k) for items prepared by `inputs`."""
        predicted = np.tile(self.mean, (len(rows[-1]), 1))
        for speaking, places in patterns(inputs.speaking(rows)):
            weights = self.weights * speaking
            dual = self.dual if speaking.all() else self._dual(inputs, weights, anchors)
            for start in range(0, len(places), AT_ONCE):
                some = places[start : start + AT_ONCE]
                predicted[some] += inputs.kernel(weights, tuple(part[some] for part in rows), anchors) @ dual
        return predicted

    def _dual(self, inputs: ContentInputs, weights: Floats, anchors: Prepared) -> Floats:
        return np.asarray(_inverse(inputs, weights, anchors) @ self.targets, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class RidgeFit:
    """A ridge, and `left_out` (a, k): what it would say of each anchor had it been learnt without it."""

    ridge: ContentRidge
    left_out: Floats


def fit_content_ridge(inputs: ContentInputs, anchors: Prepared, targets: Floats, sample: Rows) -> RidgeFit:
    """Learn `targets` (a, k) of the anchors; the parts are weighed on the anchors of `sample`.

    With G = (K + I)^-1 the dual weights are G y, and leaving item i out its residual is (G y)_i / G_ii, at these
    weights of the parts (Rifkin, Lippert 2007).
    """
    mean = targets.mean(axis=0)
    found = likeliest_weights(_parts(inputs, anchors, sample), targets[sample] - targets[sample].mean(axis=0))
    weights, centred = found.astype(np.float32), (targets - mean).astype(np.float32)
    left_out = np.empty_like(targets, dtype=np.float32)
    kinds = patterns(inputs.speaking(anchors))
    if not kinds[-1][0].all():
        kinds.append((np.ones(inputs.count, dtype=np.bool_), np.empty(0, dtype=np.int64)))
    # In the order of np.unique the kind that has everything comes last, and its dual weights are kept.
    for speaking, places in kinds:
        inverse = _inverse(inputs, weights * speaking, anchors)
        dual = inverse @ centred
        left_out[places] = targets[places] - dual[places] / np.diag(inverse)[places, None]
    ridge = ContentRidge(weights, centred, dual.astype(np.float32), mean.astype(np.float32))
    return RidgeFit(ridge, left_out)


def patterns(speaking: NDArray[np.bool_]) -> list[tuple[NDArray[np.bool_], Rows]]:
    """Return each distinct row of `speaking` (n, parts) with the ascending places where it stands."""
    kinds, codes = np.unique(speaking, axis=0, return_inverse=True)
    return [(kind, np.flatnonzero(codes.ravel() == code)) for code, kind in enumerate(kinds)]


def _inverse(inputs: ContentInputs, weights: Floats, anchors: Prepared) -> NDArray[np.float64]:
    """Return (K + I)^-1 of the anchors."""
    kernel = inputs.kernel(weights, anchors, anchors).astype(np.float64)
    kernel[np.diag_indices(len(kernel))] += 1.0
    return np.asarray(np.linalg.inv(kernel), dtype=np.float64)


def spread_sample(counts: Rows, most: int = WEIGHED) -> Rows:
    """Return at most `most` ascending rows spread evenly over items in the order of their `counts`."""
    order = np.argsort(-counts, kind="stable")
    places = np.linspace(0, len(order) - 1, min(most, len(order))).astype(np.int64)
    return np.sort(order[np.unique(places)])


def _parts(inputs: ContentInputs, anchors: Prepared, sample: Rows) -> Floats:
    some = tuple(part[sample] for part in anchors)
    parts = np.empty((inputs.count, len(sample), len(sample)), dtype=np.float32)
    for place, likeness in enumerate(inputs.likenesses(some, some)):
        parts[place] = likeness
    return parts
