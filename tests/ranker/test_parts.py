"""The parts of a score beside a slow loop that computes each from its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.cold import ContentMap
from ranker.collaborative import CONFIDENCE
from ranker.combination import EARLY, PARTS
from ranker.interactions import Floats, Rows
from ranker.item_weights import ItemWeights
from ranker.parts import raw_parts
from ranker.rank import Ranker, RankerSettings
from ranker.sides import ItemSide
from tests.ranker.logs import random_log, unit_rows

ITEMS, SIZE, DIMENSION, TIME_CONSTANT = 12, 3, 5, 2.0
VECTORS = unit_rows(ITEMS, DIMENSION)


def random_ranker(seed: int) -> Ranker:
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(ITEMS, 7, replace=False))
    places = np.full(ITEMS, -1)
    places[rows] = np.arange(7)
    factors = rng.normal(size=(ITEMS, SIZE)).astype(np.float32)
    met = rng.random(ITEMS) < 0.7
    side = ItemSide(factors, met, rng.random(ITEMS).astype(np.float32), places)
    square = ItemWeights(rows, rng.normal(size=(7, 7)).astype(np.float32))
    nothing = ContentMap((), (), np.zeros((0, SIZE), np.float32), np.zeros(SIZE, np.float32))
    gram = (factors[met].T @ factors[met]).astype(np.float32)
    return Ranker(RankerSettings(regularization=2.0), side, gram, nothing, square, TIME_CONSTANT, EARLY)


def slow_parts(ranker: Ranker, items: Rows, weights: Floats, profile: Floats, candidate: int) -> dict[str, float]:
    """Return the parts of one candidate for a history, oldest first, straight from the formulas."""
    side = ranker.items
    told = [
        (int(item), float(weight), 1 / (1 + place / TIME_CONSTANT))
        for place, (item, weight) in enumerate(zip(items[::-1], weights[::-1], strict=True))
    ]
    left, right = ranker.gram.astype(float) + ranker.settings.regularization * np.eye(SIZE), np.zeros(SIZE)
    together = 0.0
    for item, weight, fading in told:
        if weight > 0 and side.met[item]:
            vector = side.factors[item].astype(float)
            left += CONFIDENCE * weight * fading * np.outer(vector, vector)
            right += (1 + CONFIDENCE * weight * fading) * vector
        if side.places[item] >= 0 and side.places[candidate] >= 0:
            spoken = max(1 + weight, 0) * fading
            together += spoken * ranker.item_weights.weights[side.places[item], side.places[candidate]]
    cf = float(np.linalg.solve(left, right) @ side.factors[candidate])
    met = bool(side.met[candidate])
    return {
        "cf": cf * met, "items": together, "content": float(VECTORS[candidate] @ profile), "cold": cf * (not met),
        "popularity": float(side.popularity[candidate]),
    }  # fmt: skip


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_against_a_loop(seed: int) -> None:
    ranker = random_ranker(seed)
    histories = random_log(4, ITEMS, 30, seed=seed).histories()
    users = ranker.user_side(histories, ranker.items, lambda rows: VECTORS[rows])
    candidates = np.random.default_rng(seed).integers(0, ITEMS, (4, 6))
    found = raw_parts(users, ranker.items, candidates, VECTORS[candidates], ranker.item_weights)
    for user in range(4):
        span = slice(histories.offsets[user], histories.offsets[user + 1])
        for place, candidate in enumerate(candidates[user].tolist()):
            profile = users.profiles.vectors[user]
            expected = slow_parts(ranker, histories.items[span], histories.weights[span], profile, candidate)
            for part, name in enumerate(PARTS):
                assert found[user, place, part] == pytest.approx(expected[name], abs=2e-3, rel=1e-3), name


def test_which_items_are_met_only_moves_cf_to_cold() -> None:
    ranker = random_ranker(0)
    users = ranker.user_side(random_log(2, ITEMS, 20).histories(), ranker.items, lambda rows: VECTORS[rows])
    rows = np.tile(np.arange(ITEMS), (2, 1))
    side = ranker.items
    flipped = ItemSide(side.factors, ~side.met, side.popularity, side.places)
    one, other = (raw_parts(users, each, rows, VECTORS[rows], ranker.item_weights) for each in (side, flipped))
    cf, cold = PARTS.index("cf"), PARTS.index("cold")
    assert np.array_equal(one[..., cf], other[..., cold])
    assert np.array_equal(one[..., cold], other[..., cf])
