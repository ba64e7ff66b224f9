"""Combination: how the parts of a score are weighed, additive in logit space, learnt from held-out choices."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows

PARTS = ("cf", "items", "content", "cold", "popularity")
"""What the learned part of a score consists of; a score has the intercept `bias` besides."""
LONG_HISTORY = 50.0
RIDGE = 1e-3
TURNS = (1.0, 0.0, 0.25, 0.5, 0.7, 1.4, 2.0, 4.0)
HEATS = (0.05, 5.0)


@dataclass(frozen=True, slots=True)
class Combination:
    """`logit = sum_p w_p(context) * part_p + bias`, the weights between those of a short and of a long history.

    `short` and `long` (parts,) are not negative; a history of n events has the context
    log(1 + n) / log(1 + LONG_HISTORY), at most 1.
    """

    short: NDArray[np.float64]
    long: NDArray[np.float64]
    bias: float

    def weights(self, lengths: Rows) -> NDArray[np.float64]:
        """Return (m, parts) for histories of `lengths` (m,) events."""
        share = context(lengths)[:, None]
        return np.asarray((1.0 - share) * self.short + share * self.long)

    def apply(self, parts: Floats, lengths: Rows) -> NDArray[np.float64]:
        """Return weighed parts and the bias (m, c, parts + 1), which sum to the logit."""
        weighed = parts.astype(np.float64) * self.weights(lengths)[:, None, :]
        bias = np.full((*weighed.shape[:2], 1), self.bias)
        return np.concatenate([weighed, bias], axis=2)


UNLEARNT = Combination(np.asarray([0.0, 0.0, 4.0, 0.0, 0.5]), np.asarray([0.0, 0.0, 4.0, 0.0, 0.2]), -4.0)
"""Before any training: content first, popularity beside it."""
_LEARNT_TOO = np.asarray([2.0, 2.0, 0.0, 1.0, 0.0])
EARLY = Combination(UNLEARNT.short + _LEARNT_TOO, UNLEARNT.long + _LEARNT_TOO, -4.0)
"""Once there are factors, but too few choices to weigh the parts by."""


def silenced(combination: Combination, without: Collection[str]) -> Combination:
    """Return the combination with the weights of some parts at zero, the others as they are."""
    kept = np.asarray([part not in without for part in PARTS], dtype=np.float64)
    return replace(combination, short=combination.short * kept, long=combination.long * kept)


@dataclass(frozen=True, slots=True)
class Choices:
    """Held-out choices of m users: `parts` (m, c, parts), the chosen item first, then items they did not choose.

    `lengths` (m,) of the histories; `outside` says how many unchosen items each shown one stands for.
    """

    parts: Floats
    lengths: Rows
    outside: float


def context(lengths: Rows) -> NDArray[np.float64]:
    """Return (m,) where a history stands between short (0) and long (1)."""
    return np.asarray(np.minimum(np.log1p(lengths) / np.log1p(LONG_HISTORY), 1.0))


def fit_combination(groups: list[Choices], *, without: Collection[str] = ()) -> Combination:
    """Learn the weights from choices among items as they are, and if there is a second group, as if all were new.

    Parts in `without` weigh nothing.

    Likelihood (softmax over the items shown, the groups alike) gives the weights by length of history; then each part
    is turned up or down to what ranks the chosen items best, for likelihood minds the many hopeless ranks as much as
    the few first ones; likelihood again gives the common temperature. The bias makes the expected number of chosen
    items one a user in the first group, sampled items standing for all (the intercept of sampled negatives, King,
    Zeng 2001).
    """
    fitted = _likeliest(groups, without)
    for place, part in enumerate(PARTS):
        judge = groups[-1] if part == "cold" else groups[0]
        turned = _turned(fitted, place)
        fitted = turned[int(np.argmax([_mean_gain(each, judge) for each in turned]))]
    heat = _temperature(fitted, groups[0])
    fitted = Combination(fitted.short * heat, fitted.long * heat, 0.0)
    return Combination(fitted.short, fitted.long, _bias(fitted, groups[0]))


def _likeliest(groups: list[Choices], without: Collection[str]) -> Combination:
    from scipy.optimize import minimize

    spread = np.maximum(np.concatenate([group.parts.reshape(-1, len(PARTS)) for group in groups]).std(axis=0), 1e-9)
    scaled = [(group.parts / spread.astype(np.float32), context(group.lengths)) for group in groups]
    used = np.tile([part not in without for part in PARTS], 2)
    start = np.where(used, 0.1, 0.0)
    bounds = [(0.0, None if free else 0.0) for free in used.tolist()]
    solution = minimize(_loss, start, args=(scaled,), jac=True, method="L-BFGS-B", bounds=bounds).x
    short, long = solution.reshape(2, len(PARTS))
    return Combination(short / spread, long / spread, 0.0)


def _turned(fitted: Combination, part: int) -> list[Combination]:
    """Return the combination with one part at each of TURNS, as it is first."""
    turned = []
    for turn in TURNS:
        factors = np.ones(len(PARTS))
        factors[part] = turn
        turned.append(Combination(fitted.short * factors, fitted.long * factors, fitted.bias))
    return turned


def _mean_gain(fitted: Combination, group: Choices) -> float:
    """Return the mean of 1 / log2(1 + rank) of the chosen items, NDCG without a cut, in the whole catalogue."""
    logits = np.einsum("mcp,mp->mc", group.parts, fitted.weights(group.lengths).astype(np.float32))
    above = (logits[:, 1:] > logits[:, :1]).sum(axis=1) + 0.5 * (logits[:, 1:] == logits[:, :1]).sum(axis=1)
    return float((1.0 / np.log2(2.0 + above * group.outside)).mean())


def _temperature(fitted: Combination, group: Choices) -> float:
    """Return the common factor of all weights under which the choices are likeliest."""
    from scipy.optimize import minimize_scalar

    logits = fitted.apply(group.parts, group.lengths).sum(axis=2)
    logits -= logits[:, :1]

    def loss(heat: float) -> float:
        return float(np.logaddexp.reduce(heat * logits, axis=1).mean())

    return float(minimize_scalar(loss, bounds=HEATS, method="bounded").x)


def _loss(
    theta: NDArray[np.float64], groups: list[tuple[Floats, NDArray[np.float64]]]
) -> tuple[float, NDArray[np.float64]]:
    short, long = theta.reshape(2, len(PARTS))
    loss, gradient = RIDGE * float(theta @ theta), 2 * RIDGE * theta.reshape(2, len(PARTS))
    for parts, share in groups:
        weights = (1 - share)[:, None] * short + share[:, None] * long
        logits = np.einsum("mcp,mp->mc", parts, weights)
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        odds /= odds.sum(axis=1, keepdims=True)
        loss -= float(np.log(np.maximum(odds[:, 0], 1e-300)).mean())
        slope = (np.einsum("mc,mcp->mp", odds, parts) - parts[:, 0]) / len(parts)
        gradient = gradient + np.stack([((1 - share)[:, None] * slope).sum(0), (share[:, None] * slope).sum(0)])
    return loss, gradient.ravel()


def _bias(fitted: Combination, group: Choices) -> float:
    logits = fitted.apply(group.parts, group.lengths).sum(axis=2)
    standing = np.full(logits.shape, group.outside)
    standing[:, 0] = 1.0
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        expected = (standing / (1.0 + np.exp(-np.clip(logits + middle, -60, 60)))).sum(axis=1).mean()
        low, high = (middle, high) if expected < 1.0 else (low, middle)
    return (low + high) / 2
