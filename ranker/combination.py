"""Combination: how the parts of a score are weighed, additive in logit space, learnt from held-out choices."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows

Weights = NDArray[np.float64]

PARTS = ("cf", "items", "sequence", "taste", "friends", "content", "cold", "popularity")
"""What the learned part of a score consists of; a score has the intercept `bias` besides."""
KNOTS = (0, 3, 10, 20, 50)
"""Lengths of history, in events, at which weights are learnt; between two of them they are mixed."""
RIDGE = 1e-3
SMOOTHNESS = 3e-3
"""How dear it is that weights of neighbouring lengths differ, while likelihood is sought."""
RANK_RIDGE = 1e-5
RANK_SMOOTHNESS = 1e-6
"""The same while gains are sought, whose weights are larger."""
TOLD_BY_HISTORY = ("cf", "items", "sequence", "content")
"""Parts that are silent on somebody without a history; how little a few events tell is said by `taste` itself."""
HEATS = (0.001, 5.0)
MOST_STEPS = 150
CUT = 10
SURE = 2.0
"""Standard errors by which a mean gain must differ from nothing."""


@dataclass(frozen=True, slots=True)
class Combination:
    """`logit = sum_p w_p(context) * part_p + bias`, the context being the length of the history.

    `knots` (KNOTS, parts) are the weights at each length of KNOTS, not negative; between two they are mixed in
    proportion to log(1 + events), and a longer history has those of the last.
    """

    knots: Weights
    bias: float

    def weights(self, lengths: Rows) -> Weights:
        """Return (m, parts) for histories of `lengths` (m,) events."""
        return np.asarray(context(lengths) @ self.knots)

    def apply(self, parts: Floats, lengths: Rows) -> Weights:
        """Return weighed parts and the bias (m, c, parts + 1), which sum to the logit."""
        weighed = parts.astype(np.float64) * self.weights(lengths)[:, None, :]
        bias = np.full((*weighed.shape[:2], 1), self.bias)
        return np.concatenate([weighed, bias], axis=2)


def _fixed(short: dict[str, float], long: dict[str, float], bias: float) -> Combination:
    """Return a combination that goes evenly from the weights of no history to those of a long one."""
    ends = np.asarray([[each.get(part, 0.0) for part in PARTS] for each in (short, long)])
    share = _depth(np.asarray(KNOTS)) / _depth(np.asarray(KNOTS[-1:]))
    return Combination((1.0 - share)[:, None] * ends[0] + share[:, None] * ends[1], bias)


def context(lengths: Rows) -> Weights:
    """Return (m, KNOTS) how much each knot counts for histories of `lengths` (m,) events; rows sum to 1."""
    depth, knots = _depth(lengths), _depth(np.asarray(KNOTS))
    corners = np.eye(len(KNOTS))
    return np.stack([np.interp(depth, knots, corner) for corner in corners], axis=1)


def _depth(lengths: Rows) -> Weights:
    return np.asarray(np.log1p(lengths))


UNLEARNT = _fixed({"content": 4.0, "popularity": 0.5}, {"content": 4.0, "popularity": 0.2}, -4.0)
"""Before any training: content first, popularity beside it."""
EARLY = _fixed(
    {"cf": 2.0, "items": 2.0, "content": 4.0, "cold": 0.05, "popularity": 0.5},
    {"cf": 4.0, "items": 20.0, "content": 2.0, "cold": 0.3, "popularity": 0.1},
    -4.0,
)
"""Once there are factors, but too few choices or too little time to weigh the parts by: new items stay behind liked
ones, whose scores have not the same unit."""


def silenced(combination: Combination, without: Collection[str]) -> Combination:
    """Return the combination with the weights of some parts at zero, the others as they are."""
    return replace(combination, knots=combination.knots * _used(without))


def _used(without: Collection[str]) -> NDArray[np.bool_]:
    return np.asarray([part not in without for part in PARTS], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Choices:
    """Held-out choices of m users: `parts` (m, c, parts), the chosen item first, then items they did not choose.

    `lengths` (m,) of the histories, `owners` (m,) who each belongs to; `outside` says how many unchosen items each
    shown one stands for.
    """

    parts: Floats
    lengths: Rows
    owners: Rows
    outside: float


@dataclass(frozen=True, slots=True)
class Observed:
    """Held-out choices by what they are of.

    `likings` of users with a history, by which the bias is set; `new_users`, of whom the first few events are known
    at most; `new_items`, the likings as if nobody had met any item. An empty group (0, ...) has no say.
    """

    likings: Choices
    new_users: Choices
    new_items: Choices

    @property
    def groups(self) -> list[Choices]:
        """Those that are not empty."""
        return [group for group in (self.likings, self.new_users, self.new_items) if len(group.parts)]


def fit_combination(observed: Observed, *, without: Collection[str] = ()) -> Combination:
    """Learn the weights from what held-out users chose; parts in `without` weigh nothing.

    Likelihood (softmax over the items shown, the groups alike) gives the weights by length of history to start from;
    then they go to what ranks the chosen items highest, for likelihood minds the many hopeless ranks as much as the few
    first ones; likelihood again gives the common temperature. The bias makes the expected number of chosen items one a
    user among the likings, sampled items standing for all (the intercept of sampled negatives, King, Zeng 2001).
    """
    spread = _spread(observed.groups)
    used = np.tile(_used(without), (len(KNOTS), 1))
    fitted = _highest_gain(observed.groups, _likeliest(observed.groups, spread, used), spread, used)
    # The last knot has long histories, which need no proof that they tell something.
    for knot in range(len(KNOTS) - 1):
        fitted = _plainest(fitted, knot, observed)
    heated = fitted * _temperature(fitted, observed.likings)
    return Combination(heated, _bias(heated, observed.likings))


def _spread(groups: list[Choices]) -> Weights:
    """Return (parts,) how far each part spreads, the groups alike."""
    spread = np.sqrt(np.mean([group.parts.var(axis=(0, 1)) for group in groups], axis=0))
    return np.asarray(np.maximum(spread, 1e-9), dtype=np.float64)


def _scaled(parts: Floats, spread: Weights) -> Floats:
    return np.asarray(parts / spread, dtype=np.float32)


def _likeliest(groups: list[Choices], spread: Weights, used: NDArray[np.bool_]) -> Weights:
    scaled = [(_scaled(group.parts, spread), context(group.lengths)) for group in groups]
    return np.asarray(_least(lambda theta: _loss(theta, scaled), np.where(used, 0.1, 0.0), used) / spread)


def _highest_gain(groups: list[Choices], start: Weights, spread: Weights, used: NDArray[np.bool_]) -> Weights:
    apart = [
        (_scaled(group.parts[:, 1:] - group.parts[:, :1], spread), context(group.lengths), group.outside)
        for group in groups
    ]
    return np.asarray(_least(lambda theta: _gain_lost(theta, apart), start * spread, used) / spread)


def _least(loss: Callable[[Weights], tuple[float, Weights]], start: Weights, used: NDArray[np.bool_]) -> Weights:
    """Return (knots, parts) weights of at least 0, and 0 where not `used`, of the least loss from `start` on."""
    from scipy.optimize import minimize

    bounds = [(0.0, None if free else 0.0) for free in used.ravel().tolist()]
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": MOST_STEPS})
    return np.asarray(found.x.reshape(start.shape))


def _plainest(fitted: Weights, knot: int, observed: Observed) -> Weights:
    """Return the weights with those of what a history tells at zero at a knot, unless it ranks better by them.

    Better is a mean gain, over the users whose histories the knot touches, of more than SURE standard errors: with few
    events little is known, and popularity is hard to beat.
    """
    plain = fitted.copy()
    plain[knot, [PARTS.index(part) for part in TOLD_BY_HISTORY]] = 0.0
    gained, owners = [], []
    for place, group in enumerate((observed.likings, observed.new_users)):
        share = context(group.lengths)[:, knot]
        touched = np.flatnonzero(share > 0)
        some = replace(group, parts=group.parts[touched], lengths=group.lengths[touched])
        gains = [_gain(_logits(each, some), group.outside) for each in (fitted, plain)]
        gained.append((gains[0] - gains[1]) * share[touched])
        owners.append(2 * group.owners[touched] + place)
    means = _means(np.concatenate(gained), np.concatenate(owners))
    if len(means) > 1 and means.mean() > SURE * means.std(ddof=1) / np.sqrt(len(means)):
        return fitted
    return plain


def _means(values: Weights, owners: Rows) -> Weights:
    """Return the mean of the values of each owner."""
    _, codes = np.unique(owners, return_inverse=True)
    return np.asarray(np.bincount(codes, weights=values) / np.maximum(np.bincount(codes), 1))


def _gain(logits: Weights, outside: float) -> Weights:
    """Return (m,) NDCG@10 of the chosen items in the whole catalogue."""
    above = (logits[:, 1:] > logits[:, :1]).sum(axis=1) + 0.5 * (logits[:, 1:] == logits[:, :1]).sum(axis=1)
    rank = 1.0 + above * outside
    return np.where(rank <= CUT, 1.0 / np.log2(1.0 + rank), 0.0)


def _gain_lost(theta: Weights, groups: list[tuple[Floats, Weights, float]]) -> tuple[float, Weights]:
    """Return the negative mean gain, its ranks smooth, and its slope (ApproxNDCG, Qin, Liu, Li 2010).

    A group has the differences (m, c, parts) of what was not chosen to what was. The rank of what was chosen is 1 +
    outside * sum_j sigmoid(difference_j . w), and its gain 1 / log2(1 + rank).
    """
    knots = theta.reshape(len(KNOTS), len(PARTS))
    loss, slope = _penalty(knots, RANK_RIDGE, RANK_SMOOTHNESS)
    for apart, shares, outside in groups:
        ahead = _weighed(apart, shares @ knots)
        chance = 1.0 / (1.0 + np.exp(-np.clip(ahead, -30.0, 30.0)))
        rank = 2.0 + outside * chance.sum(axis=1, dtype=np.float64)
        gain = 1.0 / np.log2(rank)
        loss -= float(gain.mean())
        steps = (gain**2 * outside / (np.log(2.0) * rank)).astype(np.float32)[:, None] * chance * (1.0 - chance)
        slope += shares.T @ (np.matmul(steps[:, None, :], apart)[:, 0] / len(apart))
    return loss, slope.ravel()


def _penalty(knots: Weights, ridge: float, smoothness: float) -> tuple[float, Weights]:
    """Return ridge * |w|^2 + smoothness * |differences between neighbouring lengths|^2, and its slope."""
    steps = np.diff(knots, axis=0)
    slope = 2 * ridge * knots
    slope[1:] += 2 * smoothness * steps
    slope[:-1] -= 2 * smoothness * steps
    return ridge * float((knots**2).sum()) + smoothness * float((steps**2).sum()), slope


def _temperature(fitted: Weights, group: Choices) -> float:
    """Return the common factor of all weights under which the choices are likeliest."""
    from scipy.optimize import minimize_scalar

    logits = _logits(fitted, group)
    logits -= logits[:, :1]

    def loss(heat: float) -> float:
        return float(np.logaddexp.reduce(heat * logits, axis=1).mean())

    return float(minimize_scalar(loss, bounds=HEATS, method="bounded").x)


def _loss(theta: Weights, groups: list[tuple[Floats, Weights]]) -> tuple[float, Weights]:
    """Return the mean negative log likelihood of the choices, the groups alike, and its slope."""
    knots = theta.reshape(len(KNOTS), len(PARTS))
    loss, gradient = _penalty(knots, RIDGE, SMOOTHNESS)
    for parts, shares in groups:
        logits = _weighed(parts, shares @ knots)
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        odds /= odds.sum(axis=1, keepdims=True)
        loss -= float(np.log(np.maximum(odds[:, 0], 1e-30), dtype=np.float64).mean())
        slope = (np.matmul(odds[:, None, :], parts)[:, 0] - parts[:, 0]) / len(parts)
        gradient += shares.T @ slope
    return loss, gradient.ravel()


def _weighed(parts: Floats, weights: Weights) -> Floats:
    """Return (m, c) sums of parts (m, c, p) by weights (m, p), in single precision, which is several times as fast."""
    return np.asarray(np.matmul(parts, weights.astype(np.float32)[:, :, None])[:, :, 0])


def _logits(fitted: Weights, group: Choices) -> Weights:
    return np.asarray(np.einsum("mcp,mp->mc", group.parts, context(group.lengths) @ fitted))


def _bias(fitted: Weights, group: Choices) -> float:
    logits = _logits(fitted, group)
    standing = np.full(logits.shape, group.outside)
    standing[:, 0] = 1.0
    return intercept(logits, standing)


def intercept(logits: Weights, standing: Weights) -> float:
    """Return what to add to logits (m, c) so that in the mean one item is chosen, each standing for so many."""
    low, high = -60.0, 60.0
    for _ in range(40):
        middle = (low + high) / 2
        expected = (standing / (1.0 + np.exp(-np.clip(logits + middle, -60, 60)))).sum(axis=1).mean()
        low, high = (middle, high) if expected < 1.0 else (low, middle)
    return (low + high) / 2
