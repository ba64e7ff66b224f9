"""Online learning: steps are those of the exact gradient, and go where the stream points."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranker.combination import EARLY, KNOTS, PARTS, Combination, context
from ranker.guard import LEAST, Verdict, judged, said
from ranker.online import SHAPE, Online
from ranker.online_learning import DECAYS, LEAST_WEIGHT, SMALL, OnlineSettings, calibrated, learn, pulls
from ranker.stream import DRAWN, FIRST, WHOLE, Examples, chances_of, logits_of, others_of

ITEMS, SIZE = 12, 3
RATES = OnlineSettings(0.1, 0.05, 0.2)


def examples(count: int, *, seed: int = 0, others: int = 8) -> Examples:
    """Return examples of anything; some of the others do not stand for any item."""
    rng = np.random.default_rng(seed)
    shared = np.sort(rng.choice(ITEMS, others, replace=False))
    chosen = rng.integers(0, ITEMS, count)
    standing = rng.choice([0.0, 1.0, 2.5], (count, others + 1)).astype(np.float32)
    standing[:, 0] = 1.0
    standing[:, 1:][shared[None] == chosen[:, None]] = 0.0
    units = rng.normal(size=(count, SIZE)).astype(np.float32)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    parts = rng.normal(size=(count, others + 1, len(PARTS))).astype(np.float32) * 0.3
    weights = rng.choice([-1.0, 0.5, 1.0], count).astype(np.float32)
    return Examples(chosen, shared, parts, standing, units, rng.integers(0, 60, count), weights)


def begun(*, seed: int = 0) -> Online:
    items = np.random.default_rng(seed).normal(size=(ITEMS, 1 + SIZE)).astype(np.float32) * 0.1
    return Online(EARLY, np.zeros(SHAPE), np.zeros(SHAPE), 0, items)


def loss(online: Online, some: Examples) -> float:
    """Return the sum of -log p of what was liked and -log(1 - p) of what was not, as often as each counts."""
    chances = chances_of(logits_of(online, some), some.standing)[:, 0]
    lost = np.where(some.weights > 0, -np.log(chances), -np.log1p(-np.minimum(chances, 1 - 1e-12)))
    return float((np.abs(some.weights) * lost).sum())


def test_logits_are_those_of_each_pair() -> None:
    online, some = begun(), examples(5)
    found = logits_of(online, some)
    for row in range(5):
        weights = context(some.lengths[row : row + 1])[0] @ online.combination.knots
        for place, item in enumerate([some.chosen[row], *some.others]):
            expected = (
                some.parts[row, place] @ weights + online.items[item, 0] + online.items[item, 1:] @ some.units[row]
            )
            assert found[row, place] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_a_pull_is_the_slope_of_the_loss() -> None:
    rng = np.random.default_rng(3)
    logits, standing = rng.normal(size=(4, 6)), np.ones((4, 6), np.float32)
    weights = np.asarray([1.0, -1.0, 0.5, -2.0], np.float32)

    def lost(moved: NDArray[np.float64]) -> float:
        chances = chances_of(moved, standing)[:, 0]
        return float((np.abs(weights) * np.where(weights > 0, -np.log(chances), -np.log1p(-chances))).sum())

    found = pulls(chances_of(logits, standing), weights)
    for place in np.ndindex(logits.shape):
        step = np.zeros_like(logits)
        step[place] = 1e-5
        assert -(lost(logits + step) - lost(logits - step)) / 2e-5 == pytest.approx(found[place], abs=1e-4)


@given(st.integers(0, 99), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_items_step_down_the_slope(seed: int, count: int) -> None:
    online, some = begun(seed=seed), examples(count, seed=seed)
    moved = learn(online, [some], OnlineSettings(0.0, 0.05, 0.2)).items - online.items
    for item, column in np.ndindex(online.items.shape):
        step = np.zeros_like(online.items)
        step[item, column] = 1e-2
        sides = [loss(replace(online, items=online.items + sign * step), some) for sign in (1, -1)]
        slope = (sides[0] - sides[1]) / 2e-2
        assert moved[item, column] == pytest.approx(-slope * (0.05 if column == 0 else 0.2), abs=2e-3)


def test_weights_step_by_adam_of_their_logarithms() -> None:
    online, some = begun(), examples(4)
    moved = learn(online, [some], replace(RATES, bias_rate=0.0, factor_rate=0.0))
    knots = np.maximum(online.combination.knots, LEAST_WEIGHT)
    for place in np.ndindex(*SHAPE):
        sides = []
        for sign in (1, -1):
            raised = np.log(knots)
            raised[place] += sign * 1e-3
            sides.append(loss(replace(online, combination=Combination(np.exp(raised), 0.0)), some))
        slope = -(sides[0] - sides[1]) / 2e-3 / np.abs(some.weights).sum()
        # After the first step both moments are the slope itself, by Adam's correction.
        step = RATES.weight_rate * slope / (abs(slope) + SMALL)
        if abs(slope) > 1e-3:
            assert np.log(moved.combination.knots[place] / knots[place]) == pytest.approx(step, abs=5e-3)
    assert moved.steps == 1
    assert DECAYS[0] < DECAYS[1] < 1


@given(st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_what_does_not_stand_for_anything_does_not_move(seed: int) -> None:
    online, some = begun(seed=seed), examples(3, seed=seed)
    before = online.items.copy()
    moved = learn(online, [some], RATES)
    touched = {*some.chosen.tolist(), *some.others[(some.standing[:, 1:] > 0).any(axis=0)].tolist()}
    still = sorted(set(range(ITEMS)) - touched)
    assert np.array_equal(moved.items[still], before[still])
    assert np.array_equal(online.items, before)
    assert (moved.combination.knots > 0).all()


def test_nothing_that_counts_teaches_nothing() -> None:
    online = begun()
    silent = replace(examples(3), weights=np.zeros(3, np.float32))
    moved = learn(online, [silent, examples(4).take(np.empty(0, np.int64))], RATES)
    assert moved.steps == 0
    assert np.array_equal(moved.items, online.items)
    assert np.array_equal(moved.combination.knots, online.combination.knots)


def liked(item: int, count: int, *, weight: float = 1.0) -> Examples:
    """Return examples in which all parts are silent and everybody chooses one item of all."""
    rest = np.tile(np.arange(ITEMS) != item, (count, 1))
    standing = np.concatenate([np.ones((count, 1)), rest], axis=1).astype(np.float32)
    return Examples(
        np.full(count, item), np.arange(ITEMS), np.zeros((count, ITEMS + 1, len(PARTS)), np.float32), standing,
        np.tile(np.eye(SIZE, dtype=np.float32)[0], (count, 1)), np.full(count, 5), np.full(count, weight, np.float32),
    )  # fmt: skip


@pytest.mark.parametrize(("weight", "rises"), [(1.0, True), (-1.0, False)])
def test_what_is_liked_rises_and_what_is_disliked_falls(weight: float, rises: bool) -> None:
    online = replace(begun(), items=np.zeros((ITEMS, 1 + SIZE), np.float32))
    moved = learn(online, [liked(4, 8, weight=weight)] * 20, RATES)
    first, rest = moved.items[4], np.delete(moved.items, 4, axis=0)
    assert ((first[:2] > rest[:, :2]) == rises).all()
    assert not moved.items[:, 2:].any()


def test_others_stand_for_the_catalogue() -> None:
    rng = np.random.default_rng(0)
    few = others_of(rng.permutation(WHOLE), rng)
    assert few.items.tolist() == list(range(WHOLE))
    assert (few.standing == 1).all()
    popular = rng.permutation(5 * WHOLE)
    many = others_of(popular, rng)
    assert len(set(many.items.tolist())) == FIRST + DRAWN
    assert many.items[:FIRST].tolist() == popular[:FIRST].tolist()
    assert many.standing.sum() == pytest.approx(5 * WHOLE, rel=1e-5)


def test_chances_count_items_for_what_they_stand() -> None:
    logits = np.log(np.asarray([[1.0, 2.0, 4.0, 8.0]]))
    standing = np.asarray([[1.0, 3.0, 0.0, 0.5]], np.float32)
    assert chances_of(logits, standing)[0] == pytest.approx(np.asarray([1.0, 6.0, 0.0, 4.0]) / 11.0)


def test_the_intercept_lets_one_item_be_chosen() -> None:
    online, some = begun(), replace(examples(6, seed=2), weights=np.ones(6, np.float32))
    bias = calibrated(online, [some]).combination.bias
    chosen = some.standing / (1.0 + np.exp(-(logits_of(online, some) + bias)))
    assert chosen.sum(axis=1).mean() == pytest.approx(1.0, abs=1e-3)
    assert calibrated(online, []) is online


def test_a_verdict_is_the_mean_of_the_changes() -> None:
    before, after, some = begun(), begun(seed=1), examples(9, seed=4)
    some = replace(some, weights=np.where(np.arange(9) < 7, 1.0, -1.0).astype(np.float32))
    verdict = judged(before, after, [some.take(np.arange(4)), some.take(np.arange(4, 9))])
    changes = said(after, some) - said(before, some)
    assert verdict.count == 7
    assert len(changes) == 7
    assert verdict.likelihood == pytest.approx(changes[:, 0].mean())
    assert verdict.gain_error == pytest.approx(changes[:, 1].std(ddof=1) / 7**0.5)


def test_gain_is_ndcg_of_the_place_in_the_catalogue() -> None:
    online = replace(begun(), items=np.zeros((ITEMS, 1 + SIZE), np.float32))
    online.items[:, 0] = np.arange(ITEMS)
    gains = [said(online, liked(item, 1))[0, 1] for item in range(ITEMS)]
    assert gains == pytest.approx([0.0, 0.0, *(1 / np.log2(12 - item + 1) for item in range(2, ITEMS))])


def test_what_is_surely_worse_is_worse() -> None:
    assert Verdict(LEAST, -0.3, 0.1, 0.0, 0.1).worse
    assert Verdict(LEAST, 0.3, 0.1, -0.3, 0.1).worse
    assert not Verdict(LEAST, -0.1, 0.1, -0.1, 0.1).worse
    assert not Verdict(LEAST - 1, -0.3, 0.1, 0.0, 0.1).worse


def test_poison_is_seen_by_what_was_held_out() -> None:
    online = replace(begun(), items=np.zeros((ITEMS, 1 + SIZE), np.float32))
    online = learn(online, [liked(4, 8)] * 20, RATES)
    poisoned = learn(online, [liked(4, 8, weight=-1.0), liked(2, 8)] * 20, RATES)
    assert judged(online, poisoned, [liked(4, 40)]).worse
    assert not judged(poisoned, online, [liked(4, 40)]).worse
    assert len(KNOTS) == SHAPE[0]
