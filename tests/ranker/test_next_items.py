"""Next items: the normal equations beside a slow loop over likings, odd squares, and what is drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranker import next_items as module
from ranker.interactions import Interactions
from ranker.item_weights import ItemWeights, fit_item_weights
from ranker.next_items import TIME_CONSTANT, next_items
from tests.ranker.logs import log, random_log

USERS, ITEMS = 6, 9


def slow_table(interactions: Interactions, square: ItemWeights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (likings, k) what was seen before each liking, and (likings, k) ones for what was wanted."""
    places = square.places(interactions.item_count)
    seen, wanted = [], []
    for user in range(interactions.user_count):
        mine = np.flatnonzero(interactions.users == user)
        mine = mine[np.argsort(interactions.times[mine], kind="stable")]
        for place in range(1, len(mine)):
            target = places[interactions.items[mine[place]]]
            if interactions.weights[mine[place]] <= 0 or target < 0:
                continue
            row = np.zeros(len(square.rows))
            for back, entry in enumerate(mine[:place][::-1].tolist()):
                if (column := places[interactions.items[entry]]) >= 0:
                    row[column] += max(1.0 + interactions.weights[entry], 0.0) / (1.0 + back / TIME_CONSTANT)
            seen.append(row)
            wanted.append(np.eye(len(square.rows))[target])
    return np.asarray(seen), np.asarray(wanted)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_against_a_loop_and_least_squares(seed: int) -> None:
    interactions = random_log(USERS, ITEMS, 80, seed=seed)
    whole = fit_item_weights(interactions, regularization=1.0)
    # Two items take no part.
    square = ItemWeights(whole.rows[:-2], whole.weights[:-2, :-2])
    seen, wanted = slow_table(interactions, square)
    found = next_items(interactions, square)
    said = seen @ square.weights.astype(np.float64)
    scale = max(float(np.linalg.lstsq(said.reshape(-1, 1), wanted.ravel(), rcond=None)[0][0]), 0.0)
    assert found.scale == pytest.approx(scale, abs=1e-4)
    assert found.gram == pytest.approx(seen.T @ seen, abs=1e-3)
    assert found.rest == pytest.approx(seen.T @ (wanted - scale * said), abs=1e-3)
    strength = 0.5 * float(np.diag(found.gram).mean())
    left = np.concatenate([seen, np.sqrt(strength) * np.eye(seen.shape[1])])
    right = np.concatenate([wanted - scale * said, np.zeros((seen.shape[1], seen.shape[1]))])
    solved = found.solve(0.5)
    assert solved.rows is square.rows
    assert solved.weights == pytest.approx(np.linalg.lstsq(left, right, rcond=None)[0], abs=1e-4)


def test_what_follows_is_learnt_in_its_direction() -> None:
    """1 always comes after 0, and 0 never after 1 within a history."""
    pairs = [(user, item, float(item), 1.0) for user in range(20) for item in (0, 1)]
    interactions = log(*pairs, *[(user, 2, 0.0, 1.0) for user in range(20, 30)])
    square = ItemWeights(np.arange(3), np.zeros((3, 3), np.float32))
    weights = next_items(interactions, square).solve(0.01).weights
    assert weights[0, 1] > 0.4
    assert weights[1, 0] == pytest.approx(0.0)


def test_the_history_that_is_looked_at_is_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = log(*[(0, item, float(item), 1.0) for item in range(4)])
    square = ItemWeights(np.arange(4), np.zeros((4, 4), np.float32))
    monkeypatch.setattr(module, "HISTORY", 1)
    found = next_items(interactions, square)
    assert found.gram == pytest.approx(np.diag([4.0, 4.0, 4.0, 0.0]))
    assert found.rest == pytest.approx(np.diag([2.0, 2.0, 2.0], k=1))


def test_a_square_of_no_items() -> None:
    nothing = ItemWeights(np.empty(0, np.int64), np.zeros((0, 0), np.float32))
    found = next_items(random_log(USERS, ITEMS, 40), nothing)
    assert found.gram.shape == found.rest.shape == (0, 0)
    assert found.scale == 0.0
    solved = found.solve(1.0)
    assert solved.weights.shape == (0, 0)
    assert not len(solved.rows)


def test_no_liking_that_has_a_history_teaches_nothing() -> None:
    square = ItemWeights(np.arange(3), np.ones((3, 3), np.float32))
    found = next_items(log((0, 0, 0.0, 1.0), (1, 1, 0.0, -1.0), (1, 2, 1.0, 0.0)), square)
    assert not found.gram.any()
    assert not found.solve(1.0).weights.any()


def test_likings_are_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = random_log(USERS, ITEMS, 80)
    square = ItemWeights(np.arange(ITEMS), np.zeros((ITEMS, ITEMS), np.float32))
    whole = next_items(interactions, square)
    monkeypatch.setattr(module, "MOST_LIKINGS", 10)
    first, again, other = (next_items(interactions, square, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.gram, again.gram)
    assert not np.array_equal(first.gram, other.gram)
    assert np.trace(first.gram) < np.trace(whole.gram)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = random_log(USERS, ITEMS, 80)
    square = fit_item_weights(interactions, regularization=1.0)
    whole = next_items(interactions, square)
    monkeypatch.setattr(module, "CHUNK", 7)
    parts = next_items(interactions, square)
    assert parts.gram == pytest.approx(whole.gram, rel=1e-5)
    assert parts.rest == pytest.approx(whole.rest, abs=1e-3)
