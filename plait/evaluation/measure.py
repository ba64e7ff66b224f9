"""Measure: a fitted model's ranking of a split's whole pool, case by case, and what it is worth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from index.vector_index import Mask, Rows
from plait.evaluation.observations import Observations
from plait.evaluation.peers.peer import Fitted, KnowsUsers, PredictsRatings, SaysChances
from plait.evaluation.ranking import Scores, hits, places, ranked, seen, without
from plait.evaluation.splits import Split
from ranker.interactions import Floats
from ranker.metrics import all_metrics
from ranker.score_metrics import auc

USERS_AT_ONCE = 256

Scorer = Callable[[Rows], Scores]
"""Scores every item (k, items) for k cases of a split, given by their rows."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model made of a split: `places` (t,) says how many items stand before each target.

    `top` (m, depth) are the first items of each case, rows of `item_ids`, best first, -1 where none remain, and
    `scores` (m, depth) what the model gives them, NaN for none; `ratings` (t,) is the rating predicted for each target,
    NaN where the model predicts none; `chances` (s,) is how likely each of what was shown is to be liked, NaN where the
    model says no chances.
    """

    places: Rows
    top: Rows
    scores: Floats
    ratings: Floats
    chances: Floats


def measure(fitted: Fitted, split: Split, cuts: tuple[int, ...]) -> Observations:
    """Return each metric for each of the split's cases; what a user has seen is left out of the ranking."""
    return observe(rank(scorer(fitted, split), split), split, cuts)


def scorer(fitted: Fitted, split: Split) -> Scorer:
    """Return how a fitted model scores a split's cases: by their histories, and by whose they are if it knows users."""
    return lambda rows: _of_users(fitted, split.users[rows]).scores(split.histories.take(rows))


def _of_users(fitted: Fitted, users: Rows) -> Fitted:
    return fitted.of_users(users) if isinstance(fitted, KnowsUsers) else fitted


def rank(score: Scorer, split: Split, *, depth: int = 0) -> Outcome:
    """Rank the pool for every case, and keep the first `depth` items beside the places of the targets."""
    ties, inside, of_case = split.ties[split.pool], np.searchsorted(split.pool, split.targets), split.target_owners
    placed = np.empty(len(split.targets), dtype=np.int64)
    top = np.full((len(split), min(depth, len(split.pool))), -1, dtype=np.int64)
    kept = np.full(top.shape, np.nan, dtype=np.float32)
    for start in range(0, len(split), USERS_AT_ONCE):
        rows = np.arange(start, min(start + USERS_AT_ONCE, len(split)))
        mine = slice(*split.target_offsets[[rows[0], rows[-1] + 1]].tolist())
        scores = score(rows)[:, split.pool]
        left_out = seen(split.seen.take(rows), len(split.item_ids))[:, split.pool]
        placed[mine] = places(scores, ties, inside[mine], owners=of_case[mine] - start, left_out=left_out)
        if depth:
            first = ranked(scores, ties, depth, left_out=left_out)
            top[rows] = np.where(first >= 0, split.pool[first], -1)
            kept[rows] = np.where(first >= 0, np.take_along_axis(scores, first, axis=1), np.nan)
    shown = 0 if split.shown is None else len(split.shown)
    return Outcome(placed, top, kept, _unsaid(len(placed)), _unsaid(shown))


def predicted(fitted: Fitted, split: Split) -> Floats:
    """Return (t,) the rating that a model predicts for each target, NaN where it predicts none."""
    if not isinstance(fitted, PredictsRatings):
        return _unsaid(len(split.targets))
    found, owners = np.empty(len(split.targets), dtype=np.float32), split.target_owners
    for start in range(0, len(found), USERS_AT_ONCE):
        part = slice(start, start + USERS_AT_ONCE)
        found[part] = fitted.ratings(split.histories.take(owners[part]), split.targets[part])
    return found


def said_chances(fitted: Fitted, split: Split) -> Floats:
    """Return (s,) the chance that a model gives to each of what was shown, NaN where it gives none."""
    shown = split.shown
    if shown is None or not isinstance(fitted, SaysChances):
        return _unsaid(0 if shown is None else len(shown))
    found = _unsaid(len(shown))
    for start in range(0, len(found), USERS_AT_ONCE):
        part = slice(start, start + USERS_AT_ONCE)
        owners = shown.owners[part]
        mine = _of_users(fitted, shown.users[owners])
        if isinstance(mine, SaysChances):
            found[part] = mine.chances(shown.histories.take(owners), shown.items[part])
    return found


def _unsaid(count: int) -> Floats:
    return np.full(count, np.nan, dtype=np.float32)


def observe(outcome: Outcome, split: Split, cuts: tuple[int, ...], *, chosen: Mask | None = None) -> Observations:
    """Return each metric for each case; with `chosen` (t,) as if those were the only targets.

    The other targets are then no items of the ranking: they are neither found nor in the way. A case without a
    target has NaN.
    """
    wanted = np.ones(len(split.targets), dtype=np.bool_) if chosen is None else chosen
    owners = split.target_owners[wanted]
    placed = outcome.places if chosen is None else without(outcome.places, split.target_owners, wanted)
    ranked_items = _ranked_items(split, wanted)
    parts = []
    for start in range(0, max(len(split), 1), USERS_AT_ONCE):
        count = min(USERS_AT_ONCE, len(split) - start)
        mine = slice(*np.searchsorted(owners, [start, start + count]).tolist())
        found = hits(placed[mine], len(split.pool), owners=owners[mine] - start, count=count)
        relevant = np.bincount(owners[mine] - start, minlength=count)
        ranks = np.arange(len(split.pool))
        behind = ranks >= ranked_items[start : start + count, None]
        area = auc(np.broadcast_to(-ranks.astype(np.float32), found.shape), found, left_out=behind)
        values = all_metrics(found, relevant, cuts) | {"auc": area}
        parts.append(Observations(split.users[start : start + count], values))
    return Observations.joined(parts)


def _ranked_items(split: Split, wanted: Mask) -> Rows:
    """Return (m,) how many items are ranked for each case: the unseen ones of the pool without unwanted targets."""
    inside = split.in_pool
    left_out = np.empty(len(split), dtype=np.int64)
    for start in range(0, len(split), USERS_AT_ONCE):
        rows = np.arange(start, min(start + USERS_AT_ONCE, len(split)))
        left_out[rows] = (seen(split.seen.take(rows), len(inside)) & inside).sum(axis=1)
    unwanted = np.bincount(split.target_owners[~wanted], minlength=len(split))
    return len(split.pool) - left_out - unwanted
