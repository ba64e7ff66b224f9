"""Guard: whether what was learnt online says held-out likings as well as what there was before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.online import Online
from ranker.stream import Examples, chances_of, logits_of

CUT = 10
SURE = 2.0
"""Standard errors by which a mean must be below nothing to be taken for worse."""
LEAST = 30
"""Held-out likings below which nothing is said."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `count` held-out likings say of a change, in the mean and with standard errors.

    `likelihood` is by how much the logarithm of the chance of what was liked rose, `gain` by how much its NDCG@10.
    """

    count: int
    likelihood: float
    likelihood_error: float
    gain: float
    gain_error: float

    @property
    def worse(self) -> bool:
        """Whether the change is surely for the worse, in one or the other."""
        means = ((self.likelihood, self.likelihood_error), (self.gain, self.gain_error))
        return self.count >= LEAST and any(mean < -SURE * error for mean, error in means)


def judged(before: Online, after: Online, held: Sequence[Examples]) -> Verdict:
    """Compare two states on held-out examples, liking by liking; dislikes have no say."""
    told = [(said(before, examples), said(after, examples)) for examples in held]
    changes = np.concatenate([np.zeros((0, 2)), *(second - first for first, second in told)])
    count = len(changes)
    if count < 2:
        return Verdict(count, 0.0, 0.0, 0.0, 0.0)
    means, errors = changes.mean(axis=0), changes.std(axis=0, ddof=1) / np.sqrt(count)
    return Verdict(count, float(means[0]), float(errors[0]), float(means[1]), float(errors[1]))


def said(online: Online, examples: Examples) -> NDArray[np.float64]:
    """Return (likings, 2) log chance and NDCG@10 of what was liked, the chances by all that it might have been."""
    examples = examples.take(np.flatnonzero(examples.weights > 0))
    logits = logits_of(online, examples)
    chances = chances_of(logits, examples.standing)[:, 0]
    above = ((logits[:, 1:] > logits[:, :1]) * examples.standing[:, 1:]).sum(axis=1)
    gain = np.where(above < CUT, 1.0 / np.log2(2.0 + above), 0.0)
    return np.stack([np.log(np.maximum(chances, 1e-30)), gain], axis=1)
