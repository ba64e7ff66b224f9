"""Learning a ranker: parts on what came before each user's last liking, weights on that liking, then parts on all."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.cold import ContentMap, ItemFeatures, fit_content_map, held_out_factors
from ranker.collaborative import fit_als
from ranker.combination import PARTS, UNLEARNT, Choices, fit_combination
from ranker.interactions import Floats, Histories, Interactions, Rows
from ranker.item_weights import ItemWeights, fit_item_weights
from ranker.popularity import popularity
from ranker.rank import Ranker, RankerSettings, raw_parts
from ranker.sides import ItemSide

REGULARIZATIONS = (2.0, 5.0, 10.0)
TIME_CONSTANTS = (4.0, 8.0, 16.0)
USUAL = (5.0, 8.0)
LEAST_CHOICES = 30
"""Held-out likings from which weights are learnt; below, the usual ones are kept."""
MOST_USERS = 2_000
SHOWN = 600
"""Items shown beside the chosen one, drawn evenly from what the user had not met."""
CHUNK = 128

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The last liking of m users, `targets` (m,) item rows, and what was known `before` it."""

    users: Rows
    targets: Rows
    histories: Histories
    before: Interactions


def untrained(interactions: Interactions, settings: RankerSettings | None = None) -> Ranker:
    """Return a ranker that knows content and popularity only."""
    count = interactions.item_count
    side = ItemSide(
        np.zeros((count, 1), np.float32), np.zeros(count, np.bool_), popularity(interactions),
        np.full(count, -1, np.int64),
    )  # fmt: skip
    nothing = ContentMap((), (), np.zeros((0, 1), np.float32), np.zeros(1, np.float32))
    square = ItemWeights(np.empty(0, np.int64), np.zeros((0, 0), np.float32))
    return Ranker(settings or RankerSettings(), side, np.eye(1, dtype=np.float32), nothing, square, USUAL[1], UNLEARNT)


def fit_ranker(
    interactions: Interactions,
    vectors: Floats,
    features: ItemFeatures,
    *,
    settings: RankerSettings | None = None,
    seed: int = 0,
    deadline: float | None = None,
    progress: Say | None = None,
) -> Ranker:
    """Learn from `interactions` with items of fused `vectors` (n, D) and `features` (n).

    `deadline` (of time.monotonic) cuts the search for settings short. Deterministic by `seed`. Raises ValueError
    where nobody liked anything.
    """
    say = progress or (lambda _: None)
    settings = settings or RankerSettings()
    if not (interactions.weights > 0).any():
        raise ValueError("interactions hold no liking (no weight above 0); expected at least one to learn from")
    held = hold_out(interactions, seed)
    combination, chosen = UNLEARNT, USUAL
    if len(held.targets) >= LEAST_CHOICES:
        chosen = _choose(held, vectors, say, deadline)
        say("learning how the parts are weighed")
        early = _fit_parts(held.before, features, settings, chosen, seed)
        combination = fit_combination(_choices(early, held, vectors, features, seed))
    say("learning from all interactions")
    fitted = _fit_parts(interactions, features, settings, chosen, seed)
    if combination is UNLEARNT:
        combination = replace(UNLEARNT, short=UNLEARNT.short + _EARLY, long=UNLEARNT.long + _EARLY)
    return replace(fitted, combination=combination)


_EARLY = np.asarray([2.0, 2.0, 0.0, 1.0, 0.0])
"""What CF adds to the unlearnt weights once there are factors, but too few choices to weigh them by."""


def hold_out(interactions: Interactions, seed: int) -> HeldOut:
    """Take each user's last liking that has a history before it; MOST_USERS at most, drawn by `seed`."""
    histories = interactions.histories()
    owners, liked = histories.users, np.flatnonzero(histories.weights > 0)
    last = np.full(len(histories), -1, dtype=np.int64)
    last[owners[liked]] = liked
    users = np.flatnonzero(last > histories.offsets[:-1])
    if len(users) > MOST_USERS:
        users = np.sort(np.random.default_rng(seed).choice(users, MOST_USERS, replace=False))
    cut = histories.offsets[1:].copy()
    cut[users] = last[users]
    kept = np.arange(len(owners)) < cut[owners]
    lengths = cut - histories.offsets[:-1]
    before = Histories(
        np.concatenate(([0], np.cumsum(lengths))), histories.items[kept], histories.times[kept],
        histories.weights[kept], np.where(last >= 0, histories.times[last], histories.now),
    )  # fmt: skip
    targets = histories.items[last[users]]
    return HeldOut(users, targets, before.take(users), before.interactions(interactions.item_count))


def _choose(held: HeldOut, vectors: Floats, say: Say, deadline: float | None) -> tuple[float, float]:
    """Return regularization and time constant of the item weights that rank held-out likings best."""
    best, best_value = USUAL, -1.0
    for regularization in REGULARIZATIONS:
        if deadline is not None and time.monotonic() > deadline and best_value >= 0:
            break
        say(f"item weights, regularization {regularization:g}")
        weights = fit_item_weights(held.before, regularization=regularization)
        if not len(weights.rows):
            return USUAL
        for constant in TIME_CONSTANTS:
            value = _mean_gain(weights, held, constant)
            if value > best_value:
                best, best_value = (regularization, constant), value
    return best


def _mean_gain(weights: ItemWeights, held: HeldOut, time_constant: float) -> float:
    """Return NDCG@10 of item weights alone over the held-out likings."""
    from scipy.sparse import csr_matrix

    places = weights.places(held.before.item_count)
    histories = held.histories
    back = histories.offsets[histories.users + 1] - 1 - np.arange(len(histories.items))
    strengths = np.exp(-back / time_constant)
    mine = places[histories.items]
    used = mine >= 0
    shape = (len(histories), len(weights.rows))
    matrix = csr_matrix((strengths[used], (histories.users[used], mine[used])), shape=shape)
    seen = csr_matrix((np.ones(used.sum()), (histories.users[used], mine[used])), shape=shape)
    gains = np.zeros(len(histories))
    for start in range(0, len(histories), CHUNK):
        rows = slice(start, start + CHUNK)
        scores = matrix[rows] @ weights.weights
        scores[seen[rows].toarray() > 0] = -np.inf
        target = places[held.targets[rows]]
        own = np.where(target >= 0, scores[np.arange(len(scores)), np.maximum(target, 0)], -np.inf)
        rank = (scores > own[:, None]).sum(axis=1)
        gains[rows] = np.where((rank < 10) & (target >= 0) & np.isfinite(own), 1.0 / np.log2(rank + 2.0), 0.0)
    return float(gains.mean())


def _fit_parts(
    interactions: Interactions, features: ItemFeatures, settings: RankerSettings, chosen: tuple[float, float], seed: int
) -> Ranker:
    factors = fit_als(
        interactions, factors=settings.factors, regularization=settings.regularization, seed=seed
    ).projected
    counts = np.bincount(interactions.items[interactions.weights > 0], minlength=interactions.item_count)
    met = counts > 0
    content = fit_content_map(features, factors, counts)
    known = factors * met[:, None]
    gram = np.asarray(known.T @ known, dtype=np.float32)
    if not met.all():
        factors = factors.copy()
        factors[~met] = content.predict(features.take(np.flatnonzero(~met)))
    square = fit_item_weights(interactions, regularization=chosen[0])
    side = ItemSide(factors, met, popularity(interactions), square.places(interactions.item_count))
    return Ranker(settings, side, gram, content, square, chosen[1], UNLEARNT)


def _choices(ranker: Ranker, held: HeldOut, vectors: Floats, features: ItemFeatures, seed: int) -> list[Choices]:
    """Return what the held-out users chose, among items as they are, and as if every item were new."""
    candidates = _shown(held, len(vectors), seed)
    outside = (len(vectors) - held.histories.lengths.mean()) / max(candidates.shape[1] - 1, 1)
    counts = np.bincount(held.before.items[held.before.weights > 0], minlength=held.before.item_count)
    unmet = ItemSide(
        held_out_factors(ranker.content, features, ranker.items.factors, counts), np.zeros(len(counts), np.bool_),
        np.zeros(len(counts), np.float32), np.full(len(counts), -1, np.int64),
    )  # fmt: skip
    groups = []
    for side in (ranker.items, unmet):
        parts = np.empty((*candidates.shape, len(PARTS)), dtype=np.float32)
        for start in range(0, len(candidates), CHUNK):
            rows = slice(start, start + CHUNK)
            histories = held.histories.take(np.arange(len(candidates))[rows])
            users = ranker.user_side(histories, ranker.items, lambda rows: vectors[rows])
            parts[rows] = raw_parts(users, side, candidates[rows], vectors[candidates[rows]], ranker.item_weights)
        groups.append(Choices(parts, held.histories.lengths, max(float(outside), 1.0)))
    return groups


def _shown(held: HeldOut, item_count: int, seed: int) -> Rows:
    """Return (m, 1 + shown) the chosen item first, then as many that the user had not met."""
    rng = np.random.default_rng(seed)
    wide = min(SHOWN, max(1, item_count - int(held.histories.lengths.max(initial=0)) - 1))
    candidates = np.empty((len(held.targets), wide + 1), dtype=np.int64)
    for user, target in enumerate(held.targets.tolist()):
        span = slice(held.histories.offsets[user], held.histories.offsets[user + 1])
        free = np.ones(item_count, dtype=np.bool_)
        free[held.histories.items[span]] = False
        free[target] = False
        choice: NDArray[np.int64] = rng.choice(np.flatnonzero(free), wide, replace=False)
        candidates[user, 0], candidates[user, 1:] = target, choice
    return candidates
