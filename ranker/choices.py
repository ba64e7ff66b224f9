"""Choices: what held-out users chose beside items they did not, as parts; the combination learns from them."""

from dataclasses import replace

import numpy as np

from ranker.combination import PARTS, Choices, Observed
from ranker.hold_out import HeldOut
from ranker.interactions import Floats, Rows
from ranker.new_users import AboutUsers
from ranker.rank import Ranker
from ranker.sides import ItemSide

SHOWN = 400
"""Items shown beside the chosen one, drawn evenly from what the user had not met."""
CHUNK = 64


def observe(
    ranker: Ranker, unmet: Floats, held: HeldOut, new: HeldOut, vectors: Floats, *, seed: int, about: AboutUsers
) -> Observed:
    """Return what held-out users chose: users with a history, new users, and the first as if every item were new.

    `ranker` has learnt from what came before; `unmet` (n, t + 1) is what content tells of each item, had it been new.
    What is known `about` the users counts as it does in answers.
    """
    return Observed(
        _choices(ranker, ranker.items, held, vectors, seed, about),
        _choices(ranker, ranker.items, new, vectors, seed, about),
        _choices(ranker, as_if_new(ranker.items, unmet), held, vectors, seed, about),
    )


def _choices(ranker: Ranker, side: ItemSide, held: HeldOut, vectors: Floats, seed: int, about: AboutUsers) -> Choices:
    candidates = shown(held, len(vectors), seed=seed)
    outside = (len(vectors) - _mean(held.met.lengths)) / max(candidates.shape[1] - 1, 1)
    parts = np.empty((*candidates.shape, len(PARTS)), dtype=np.float32)
    for start in range(0, len(candidates), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(candidates)))
        told = None if ranker.new_users is None else ranker.new_users.start_of(about, held.users[rows])
        users = ranker.user_side(held.histories.take(rows), ranker.items, lambda rows: vectors[rows], start=told)
        parts[rows] = ranker.raw_parts(users, side, candidates[rows], vectors[candidates[rows]])
    return Choices(parts, held.histories.lengths, held.users, max(float(outside), 1.0))


def _mean(lengths: Rows) -> float:
    return float(lengths.mean()) if len(lengths) else 0.0


def as_if_new(items: ItemSide, cold: Floats) -> ItemSide:
    """Return the items as if nothing were known of them but what content tells, `cold` (n, t + 1)."""
    return replace(
        items, met=np.zeros(len(items), dtype=np.bool_), popularity=np.zeros(len(items), dtype=np.float32),
        places=np.full(len(items), -1, dtype=np.int64), cold=cold,
    )  # fmt: skip


def shown(held: HeldOut, item_count: int, *, seed: int) -> Rows:
    """Return (m, 1 + shown) the chosen item first, then as many that the user had not met."""
    rng = np.random.default_rng(seed)
    wide = min(SHOWN, max(1, item_count - int(held.met.lengths.max(initial=0)) - 1))
    candidates = np.empty((len(held.targets), wide + 1), dtype=np.int64)
    for user, target in enumerate(held.targets.tolist()):
        span = slice(held.met.offsets[user], held.met.offsets[user + 1])
        free = np.ones(item_count, dtype=np.bool_)
        free[held.met.items[span]] = False
        free[target] = False
        # Somebody may have met everything: then what was met stands in, so that the table stays rectangular.
        rest = np.flatnonzero(free) if free.any() else np.arange(item_count)
        candidates[user, 0] = target
        candidates[user, 1:] = rng.choice(rest, wide, replace=len(rest) < wide)
    return candidates
