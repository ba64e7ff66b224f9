"""The parts of a score beside a slow loop that computes each from its definition."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.attention import DESIGN
from ranker.cold_items import ColdItems, fit_cold_items
from ranker.collaborative import CONFIDENCE
from ranker.combination import EARLY, PARTS
from ranker.demographics import Demographics
from ranker.friends import Friends
from ranker.interactions import Floats, Histories
from ranker.item_weights import ItemWeights
from ranker.new_users import NewUsers, Start
from ranker.parts import raw_parts
from ranker.rank import Ranker, RankerSettings, sequence_factors, taste_factors
from ranker.sequence import SequenceModel
from ranker.sequence_network import SequenceNetwork
from ranker.sequence_rows import Met
from ranker.sides import ItemSide, nothing_online
from ranker.taste import Taste
from tests.ranker.logs import parity_features, random_log, unit_rows
from tests.ranker.sequences import SMALL
from tests.ranker.tastes import random_taste, slow_fold

ITEMS, SIZE, DIMENSION, TIME_CONSTANT = 12, 3, 5, 2.0
VECTORS = unit_rows(ITEMS, DIMENSION)
FEATURES = parity_features(ITEMS)
COLD = fit_cold_items(random_log(20, ITEMS, 90), FEATURES).cold


def random_encoder() -> SequenceModel:
    """Return a transformer of random parameters."""
    torch.manual_seed(0)
    met = Met.of(random_log(20, ITEMS, 300), VECTORS)
    network = SequenceNetwork(SMALL, ITEMS, torch.from_numpy(met.content)).eval()
    learnt = {name: (torch.randn_like(value) * 0.4).numpy() for name, value in network.named_parameters()}
    return met.model(learnt, SMALL, VECTORS)


ENCODER = random_encoder()
HISTORY = 4
"""Fewer than users have events: factors and item weights read on, the other parts do not."""


def random_ranker(seed: int) -> Ranker:
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(ITEMS, 7, replace=False))
    places = np.full(ITEMS, -1)
    places[rows] = np.arange(7)
    factors = rng.normal(size=(ITEMS, SIZE)).astype(np.float32)
    met = rng.random(ITEMS) < 0.7
    friends = Friends(np.asarray([0]), np.ones((1, 2), np.float32), np.ones(2, np.float32), 1.0, 0.0)
    nothing = Demographics(np.zeros(0, np.float32), np.zeros((0, 2), np.float32))
    new_users = NewUsers(random_taste(ITEMS, 2, seed=seed), nothing, friends)
    side = ItemSide(
        np.arange(ITEMS), met, factors, rng.random(ITEMS).astype(np.float32), places,
        sequence_factors(ENCODER, ITEMS), taste_factors(new_users, ITEMS), COLD.items(FEATURES),
        nothing_online(ITEMS),
    )  # fmt: skip
    square = ItemWeights(rows, rng.normal(size=(7, 7)).astype(np.float32))
    gram = (factors[met].T @ factors[met]).astype(np.float32)
    return Ranker(
        RankerSettings(regularization=2.0, history=HISTORY), side, gram, square, ENCODER, new_users, COLD,
        TIME_CONSTANT, DESIGN, EARLY,
    )  # fmt: skip


def slow_cf(ranker: Ranker, told: list[tuple[int, float]], candidate: int) -> float:
    """Return the score of fold-in; `told` are items and weights, newest first."""
    side = ranker.items
    left, right = ranker.gram.astype(float) + ranker.settings.regularization * np.eye(SIZE), np.zeros(SIZE)
    for place, (item, weight) in enumerate(told):
        if weight > 0 and side.met[item]:
            vector, strength = side.factors[item].astype(float), CONFIDENCE * weight / (1 + place / TIME_CONSTANT)
            left += strength * np.outer(vector, vector)
            right += (1 + strength) * vector
    return float(np.linalg.solve(left, right) @ side.factors[candidate])


def slow_items(square: ItemWeights, side: ItemSide, told: list[tuple[int, float]], candidate: int) -> float:
    found = 0.0
    for place, (item, weight) in enumerate(told):
        if weight > -1 and side.places[item] >= 0 and side.places[candidate] >= 0:
            found += float(square.weights[side.places[item], side.places[candidate]]) / (1 + place / TIME_CONSTANT)
    return found


def slow_taste(taste: Taste, told: list[tuple[int, float]], start: Start, candidate: int) -> tuple[float, float]:
    """Return what is expected without friends, and what these add."""
    strongest: dict[int, float] = {}
    for item, weight in told:
        strongest[item] = max(strongest.get(item, 0.0), weight, key=lambda each: (abs(each), each))
    items, weights = np.asarray(list(strongest), np.int64), np.asarray(list(strongest.values()), np.float32)
    folded = slow_fold(taste, items, weights, start.tastes[0])
    friends = float(taste.answers[candidate] @ start.friends[0])
    return float(taste.expected[candidate] + taste.answers[candidate] @ folded) - friends, friends


def slow_cold(cold: ColdItems, told: list[tuple[int, float]], item: Floats) -> float:
    strengths: dict[int, float] = {}
    for row, weight in told:
        strengths[row] = max(strengths.get(row, 0.0), 1 + weight)
    t = cold.start + sum(strength * cold.loadings[row] for row, strength in strengths.items())
    heard = any(strength > 0 for strength in strengths.values())
    taste = cold.volume * t / np.sqrt(1 + float(t @ t)) * heard
    return float(taste @ item[:-1] + cold.share * item[-1])


def slow_parts(ranker: Ranker, history: Histories, profile: Floats, start: Start, candidate: int) -> dict[str, float]:
    """Return the parts of one candidate for one history, straight from the formulas."""
    side = ranker.items
    told = list(zip(history.items[::-1].tolist(), history.weights[::-1].tolist(), strict=True))
    met = bool(side.met[candidate])
    assert ranker.new_users is not None
    taste, friends = slow_taste(ranker.new_users.taste, told[:HISTORY], start, candidate)
    return {
        "cf": slow_cf(ranker, told, candidate) * met,
        "items": slow_items(ranker.item_weights, side, told, candidate),
        "sequence": float(ENCODER.logits(history.recent(HISTORY))[0, candidate]) * met,
        "taste": taste * met,
        "friends": friends * met,
        "content": float(VECTORS[candidate] @ profile) * (met or not side.cold[candidate].any()),
        "cold": slow_cold(COLD, told, side.cold[candidate]) * (not met),
        "popularity": float(side.popularity[candidate]),
    }


def start_of(count: int) -> Start:
    """Return what is expected of users before any event, drawn."""
    tastes = np.random.default_rng(5).normal(size=(2, count, 2)).astype(np.float32)
    return Start(tastes[0], tastes[1])


def parts_of(ranker: Ranker, histories: Histories, side: ItemSide, candidates: np.ndarray) -> tuple[Floats, Floats]:
    """Return the parts and the profiles."""
    users = ranker.user_side(histories, ranker.items, lambda rows: VECTORS[rows], start=start_of(len(histories)))
    return raw_parts(users, side, candidates, VECTORS[candidates], ranker.item_weights), users.profiles.vectors


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_against_a_loop(seed: int) -> None:
    ranker = random_ranker(seed)
    histories = random_log(4, ITEMS, 30, seed=seed).histories()
    candidates = np.random.default_rng(seed).integers(0, ITEMS, (4, 5))
    found, profiles = parts_of(ranker, histories, ranker.items, candidates)
    for user in range(4):
        alone, whole = histories.take(np.asarray([user])), start_of(4)
        start = Start(whole.demographics[[user]], whole.friends[[user]])
        for place, candidate in enumerate(candidates[user].tolist()):
            expected = slow_parts(ranker, alone, profiles[user], start, candidate)
            for part, name in enumerate(PARTS):
                assert found[user, place, part] == pytest.approx(expected[name], abs=2e-3, rel=1e-3), name


def test_which_parts_are_of_items_that_were_met_and_which_of_others() -> None:
    ranker = random_ranker(0)
    rows, side = np.tile(np.arange(ITEMS), (2, 1)), ranker.items
    histories = random_log(2, ITEMS, 20).histories()
    one, other = (parts_of(ranker, histories, each, rows)[0] for each in (side, replace(side, met=~side.met)))
    for part, name in enumerate(PARTS):
        if name in ("cf", "sequence", "taste", "friends", "content"):
            assert one[:, side.met, part].all(), name
            assert not one[:, ~side.met, part].any(), name
            assert not other[:, side.met, part].any(), name
        elif name == "cold":
            assert not one[:, side.met, part].any()
            assert other[:, side.met, part].all()
        else:
            assert np.array_equal(one[..., part], other[..., part]), name


def test_content_speaks_of_new_items_where_nothing_else_does() -> None:
    ranker = random_ranker(0)
    rows, side = np.tile(np.arange(ITEMS), (2, 1)), ranker.items
    histories = random_log(2, ITEMS, 20).histories()
    silent = replace(side, met=np.zeros(ITEMS, dtype=np.bool_), cold=np.zeros_like(side.cold))
    found = parts_of(ranker, histories, silent, rows)[0]
    assert found[..., PARTS.index("content")].all()
