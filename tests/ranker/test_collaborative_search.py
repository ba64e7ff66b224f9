"""The choice of ALS's settings: against ranks counted one by one, and what it does with little or no time."""

import math
import time

import numpy as np
import pytest

from ranker import collaborative_search
from ranker.collaborative import fit_als
from ranker.collaborative_search import USUAL, choose_als, mean_gain
from ranker.fold_in import user_factors
from ranker.hold_out import hold_out
from tests.ranker.logs import checkerboard, log


def test_the_gain_against_ranks_counted_one_by_one() -> None:
    held = hold_out(checkerboard(12, 14, seed=4), 0, likings=2)
    factors = fit_als(held.before, factors=4, regularization=1.0).factors
    gains = []
    for place, target in enumerate(held.targets.tolist()):
        told = held.histories.take(np.asarray([place]))
        user = user_factors(factors, told, limit=5, time_constant=3.0)[0]
        scores = {item: float(user @ factors.items[item]) for item in range(14) if item not in set(told.items.tolist())}
        above = sum(score > scores[target] + 1e-7 for score in scores.values())
        gains.append(1 / math.log2(2 + above))
    found = mean_gain(factors, held, history=5, time_constant=3.0)
    assert found == pytest.approx(np.mean(gains), abs=0.01)


def test_the_best_of_what_is_tried_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    held = hold_out(checkerboard(20, 16, seed=1), 0)
    monkeypatch.setattr(collaborative_search, "FACTORS", (1, 4))
    monkeypatch.setattr(collaborative_search, "REGULARIZATIONS", (0.1, 1e5))
    monkeypatch.setattr(collaborative_search, "USUAL", (1, 1e5))
    chosen = choose_als(held, history=20, time_constant=5.0, seed=0, say=said.append, deadline=None)
    values = {
        (size, strength): mean_gain(
            fit_als(held.before, factors=size, regularization=strength).factors, held, history=20, time_constant=5.0
        )
        for size in (1, 4) for strength in (0.1, 1e5)
    }  # fmt: skip
    assert values[chosen] == max(values.values())
    assert len(said) == 4


def test_without_time_or_likings_the_usual_settings() -> None:
    said: list[str] = []
    held = hold_out(checkerboard(8, 8), 0)
    past = time.monotonic() - 1
    assert choose_als(held, history=9, time_constant=2.0, seed=0, say=said.append, deadline=past) == USUAL
    assert len(said) == 1
    nothing = hold_out(log((0, 0, 1.0, -1.0), (0, 1, 2.0, 0.0)), 0)
    assert choose_als(nothing, history=9, time_constant=2.0, seed=0, say=said.append, deadline=None) == USUAL
    assert mean_gain(fit_als(held.before, factors=2).factors, nothing, history=9, time_constant=2.0) == 0
