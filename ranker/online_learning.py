"""Online learning: what examples of the stream move in a ranker, step by step: theta <- theta - eta grad L(theta)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.combination import Combination, Weights, context, intercept
from ranker.interactions import Floats
from ranker.online import Online
from ranker.stream import Examples, chances_of, logits_of

LEAST_WEIGHT = 1e-3
"""Weights are learnt by their logarithms, so that they stay positive and steps suit parts of any unit; one that was
nothing begins here."""
DECAYS = (0.9, 0.99)
"""Of Adam's moments (Kingma, Ba 2015)."""
SMALL = 1e-4


@dataclass(frozen=True, slots=True)
class OnlineSettings:
    """How far one batch of examples moves what is learnt.

    `weight_rate` is Adam's, of the logarithms of the weights of the parts; `bias_rate` and `factor_rate` are plain
    SGD's, of each example. Chosen on the films' log before its last fifth.
    """

    weight_rate: float = 0.1
    bias_rate: float = 0.05
    factor_rate: float = 0.1


def learn(online: Online, batches: Sequence[Examples], settings: OnlineSettings) -> Online:
    """Return what is learnt after one step on each of some batches, in their order; `online` stays as it was.

    The loss of a liking is -log p, p the softmax chance of what was chosen in the catalogue, and that of a dislike
    -log(1 - p) (unlikelihood, Welleck et al. 2020); the gradients are exact.
    """
    online = replace(online, items=online.items.copy())
    for examples in batches:
        if len(examples) and examples.weights.any():
            online = _step(online, examples, settings)
    return online


def _step(online: Online, examples: Examples, settings: OnlineSettings) -> Online:
    """Take a step, writing the items in place."""
    pull = pulls(chances_of(logits_of(online, examples), examples.standing), examples.weights)
    told = np.concatenate([np.ones((len(examples), 1), np.float32), examples.units], axis=1)
    rates = np.full(told.shape[1], settings.factor_rate, dtype=np.float32)
    rates[0] = settings.bias_rate
    items = online.items
    np.add.at(items, examples.chosen, rates * pull[:, :1] * told)
    items[examples.others] += rates * (pull[:, 1:].T @ told)
    slope = np.matmul(pull[:, None, :], examples.parts)[:, 0] / np.abs(examples.weights).sum()
    return _moved(online, context(examples.lengths).T @ slope, settings.weight_rate)


def pulls(chances: NDArray[np.float64], weights: Floats) -> Floats:
    """Return (m, c) - dL / d logit of `chances` (m, c), what was chosen first, times how much each example counts."""
    first, rest = chances[:, :1], chances[:, 1:]
    liked = np.concatenate([1.0 - first, -rest], axis=1)
    # log(1 - p): the mass of what is disliked goes to the others, in proportion to what they have.
    disliked = np.concatenate([-first, first * rest / np.maximum(1.0 - first, 1e-9)], axis=1)
    counted = np.abs(weights)[:, None]
    return np.asarray(np.where(weights[:, None] < 0, disliked, liked) * counted, dtype=np.float32)


def _moved(online: Online, slope: Weights, rate: float) -> Online:
    """Return the weights after a step of Adam along `slope` (KNOTS, parts), the gradient of - L by the weights."""
    knots = np.maximum(online.combination.knots, LEAST_WEIGHT)
    raised, steps = slope * knots, online.steps + 1
    first = DECAYS[0] * online.first + (1.0 - DECAYS[0]) * raised
    second = DECAYS[1] * online.second + (1.0 - DECAYS[1]) * raised**2
    fair = first / (1.0 - DECAYS[0] ** steps), second / (1.0 - DECAYS[1] ** steps)
    moved = knots * np.exp(rate * fair[0] / (np.sqrt(fair[1]) + SMALL))
    return replace(
        online, combination=Combination(moved, online.combination.bias), first=first, second=second, steps=steps
    )


def calibrated(online: Online, held: Sequence[Examples]) -> Online:
    """Return the same with the intercept under which in the mean one item is chosen; as it is where nothing is held."""
    liked = [examples.take(np.flatnonzero(examples.weights > 0)) for examples in held]
    found = [intercept(logits_of(online, each), each.standing.astype(np.float64)) for each in liked if len(each)]
    if not found:
        return online
    counts = [len(each) for each in liked if len(each)]
    bias = float(np.average(found, weights=counts))
    return replace(online, combination=Combination(online.combination.knots, bias))
