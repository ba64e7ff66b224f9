"""A contrastive head: a kernel map trained on, so that the two sides of a pair find each other among all others."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors
from embedders.kernel_ridge import FOLDS, KernelRidge, kernel_features

BATCH = 512
"""Pairs of a step; of fewer pairs each step sees all."""
RATE = 3e-3
TEMPERATURE = 0.07
LEAST_TEMPERATURE = 0.01
DECAYS = (0.9, 0.999)
"""How Adam forgets the gradient and its square (Kingma, Ba 2015)."""

Digests = NDArray[np.uint64]


def train_contrastive(
    ridge: KernelRidge,
    inputs: Vectors,
    targets: Vectors,
    digests: Digests,
    *,
    folds: NDArray[np.int64],
    steps: int,
) -> KernelRidge:
    """Return `ridge` with each of its maps trained on, from where it is, by `steps` of Adam on InfoNCE.

    A pair of `inputs` (n, p) and unit `targets` (n, d) is told from all others of its batch, both ways, at a learnt
    temperature (van den Oord et al. 2018; Radford et al. 2021). Batches hold hard negatives: beside each pair drawn
    stands the one whose target is most like its own. Pairs of equal `digests` (n,), the hashes of what they share,
    are no negatives. The map without a fold (n,) learns nothing of its pairs. Nothing is random: pairs come in turn,
    in the order given.
    """
    features, whitening, start = kernel_features(ridge, inputs)
    coefficients = ridge.coefficients.copy()
    for fold in range(FOLDS + 1):
        learnt = np.flatnonzero(folds != fold)
        if len(learnt) > 1:
            weights = start.T @ ridge.coefficients[fold]
            trained = _trained(weights, features[learnt], targets[learnt], digests[learnt], steps)
            coefficients[fold] = whitening @ trained
    return replace(ridge, coefficients=coefficients)


def info_nce(
    weights: Vectors, log_scale: float, features: Vectors, targets: Vectors, digests: Digests
) -> tuple[float, Vectors, float]:
    """Return the loss of a batch, and its slopes by `weights` (r, d) and by the logarithm of 1 / temperature.

    The mean over both ways of -log softmax(scale * cosines) at the pair's own place; `features` (b, r), unit
    `targets` (b, d).
    """
    mapped = features @ weights
    lengths = np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-9)
    unit_rows, count, scale = mapped / lengths, len(features), np.exp(np.float32(log_scale))
    cosines = unit_rows @ targets.T
    own = np.eye(count, dtype=np.bool_)
    logits = np.where((digests[:, None] == digests) & ~own, -np.inf, scale * cosines)
    loss, odds = 0.0, np.zeros_like(cosines)
    for axis in (0, 1):
        highest = logits.max(axis=axis, keepdims=True)
        raised = np.exp(logits - highest)
        total = raised.sum(axis=axis, keepdims=True)
        loss += float((np.log(total) + highest).mean() - np.diag(logits).mean()) / 2
        odds += raised / total / 2
    slope = (odds - own) / np.float32(count)
    by_rows = scale * (slope @ targets)
    by_mapped = (by_rows - unit_rows * (by_rows * unit_rows).sum(axis=1, keepdims=True)) / lengths
    return loss, np.asarray(features.T @ by_mapped, dtype=np.float32), float(scale * (slope * cosines).sum())


class _Adam:
    """Steps of Adam for one array."""

    def __init__(self) -> None:
        self._mean: Vectors | float = 0.0
        self._square: Vectors | float = 0.0
        self._count = 0

    def step(self, slope: Vectors) -> Vectors:
        """Return what to take away."""
        self._count += 1
        first, second = DECAYS
        self._mean = first * self._mean + (1.0 - first) * slope
        self._square = second * self._square + (1.0 - second) * slope * slope
        mean = self._mean / (1.0 - first**self._count)
        square = self._square / (1.0 - second**self._count)
        return np.asarray(RATE * mean / (np.sqrt(square) + 1e-8), dtype=np.float32)


def _trained(weights: Vectors, features: Vectors, targets: Vectors, digests: Digests, steps: int) -> Vectors:
    """Return the linear map (r, d) of `features` (m, r) after `steps`."""
    log_scale, batches = -np.log(TEMPERATURE), _batches(targets, digests)
    map_steps, scale_steps = _Adam(), _Adam()
    for _ in range(steps):
        batch = next(batches)
        _, slope, by_scale = info_nce(weights, log_scale, features[batch], targets[batch], digests[batch])
        weights = weights - map_steps.step(slope)
        moved = float(log_scale - scale_steps.step(np.asarray([by_scale], dtype=np.float32))[0])
        log_scale = min(moved, -np.log(LEAST_TEMPERATURE))
    return weights


def _batches(targets: Vectors, digests: Digests) -> Iterator[NDArray[np.int64]]:
    """Yield batches without end: all pairs, or of more than BATCH half of it in turn and to each its likest other."""
    count = len(targets)
    if count <= BATCH:
        while True:
            yield np.arange(count)
    twins = _likest(targets, digests)
    start = 0
    while True:
        drawn = np.arange(start, start + BATCH // 2) % count
        yield np.unique(np.concatenate([drawn, twins[drawn]]))
        start = (start + BATCH // 2) % count


def _likest(targets: Vectors, digests: Digests) -> NDArray[np.int64]:
    """Return for each pair (n,) another one whose unit target (n, d) is most like its own and not the same."""
    found = np.empty(len(targets), dtype=np.int64)
    for start in range(0, len(targets), BATCH):
        rows = slice(start, start + BATCH)
        cosines = targets[rows] @ targets.T
        cosines[digests[rows][:, None] == digests] = -np.inf
        found[rows] = cosines.argmax(axis=1)
    return found
