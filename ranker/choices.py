"""Choices: what held-out users chose beside items they did not, as parts; the combination learns from them."""

import numpy as np

from ranker.cold import ContentFit, ItemFeatures
from ranker.combination import PARTS, Choices
from ranker.hold_out import HeldOut
from ranker.interactions import Floats, Rows
from ranker.parts import raw_parts
from ranker.rank import Ranker
from ranker.sides import ItemSide

SHOWN = 400
"""Items shown beside the chosen one, drawn evenly from what the user had not met."""
CHUNK = 64


def held_out_choices(
    ranker: Ranker, learnt: ContentFit, held: HeldOut, vectors: Floats, features: ItemFeatures, *, seed: int
) -> list[Choices]:
    """Return what the held-out users chose, first among items as they are, then as if every item were new.

    `ranker` has learnt from what came before, `learnt` is its map from content.
    """
    candidates = shown(held, len(vectors), seed=seed)
    outside = (len(vectors) - held.histories.lengths.mean()) / max(candidates.shape[1] - 1, 1)
    groups = []
    for side in (ranker.items, as_if_new(learnt.held_out(features))):
        parts = np.empty((*candidates.shape, len(PARTS)), dtype=np.float32)
        for start in range(0, len(candidates), CHUNK):
            rows = np.arange(start, min(start + CHUNK, len(candidates)))
            users = ranker.user_side(held.histories.take(rows), ranker.items, lambda rows: vectors[rows])
            parts[rows] = raw_parts(users, side, candidates[rows], vectors[candidates[rows]], ranker.item_weights)
        groups.append(Choices(parts, held.histories.lengths, max(float(outside), 1.0)))
    return groups


def as_if_new(factors: Floats) -> ItemSide:
    """Return items of which nothing is known but the `factors` (n, k) that content predicts."""
    count = len(factors)
    nowhere = np.full(count, -1, dtype=np.int64)
    return ItemSide(factors, np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.float32), nowhere)


def shown(held: HeldOut, item_count: int, *, seed: int) -> Rows:
    """Return (m, 1 + shown) the chosen item first, then as many that the user had not met."""
    rng = np.random.default_rng(seed)
    wide = min(SHOWN, max(1, item_count - int(held.histories.lengths.max(initial=0)) - 1))
    candidates = np.empty((len(held.targets), wide + 1), dtype=np.int64)
    for user, target in enumerate(held.targets.tolist()):
        span = slice(held.histories.offsets[user], held.histories.offsets[user + 1])
        free = np.ones(item_count, dtype=np.bool_)
        free[held.histories.items[span]] = False
        free[target] = False
        # Somebody may have met everything: then what was met stands in, so that the table stays rectangular.
        rest = np.flatnonzero(free) if free.any() else np.arange(item_count)
        candidates[user, 0] = target
        candidates[user, 1:] = rng.choice(rest, wide, replace=len(rest) < wide)
    return candidates
