"""BPR: the closed form of a user beside the objective itself."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plait.evaluation.peers import bpr
from plait.evaluation.peers.bpr import SETTINGS, Bpr, FittedBpr, sayings
from plait.evaluation.splitters import last_liked
from ranker.interactions import Floats
from tests.plait.evaluation.logs import noisy
from tests.plait.evaluation.peers.test_met import histories_of

PULL = 0.05


def _learnt(items: int = 7, size: int = 3) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(1)
    return rng.normal(size=(items, size)).astype(np.float32), rng.normal(size=items).astype(np.float32)


def _objective(user: NDArray[np.float64], met: list[int], items: Floats, bias: Floats) -> float:
    """Return the BPR objective of one user, by loops over every pair."""
    value = 0.0
    for one in met:
        for other in range(len(items)):
            apart = user @ (items[one] - items[other]) + bias[one] - bias[other]
            value += np.log(1.0 / (1.0 + np.exp(-apart))) / len(items)
        value -= PULL / 2 * float(user @ user)
    return value


@pytest.mark.parametrize("block", [2, 7, 100])
def test_slopes_and_curves_beside_differences_of_the_objective(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(bpr, "BLOCK", block)
    items, bias = _learnt()
    slopes, curves = sayings(items, bias)
    small, nothing = 1e-3, np.zeros(3)
    for item in range(7):
        for a, first in enumerate(small * np.eye(3)):
            rise = _objective(first, [item], items, bias) - _objective(-first, [item], items, bias)
            assert slopes[item, a] == pytest.approx(rise / (2 * small), abs=1e-4)
            for b, second in enumerate(small * np.eye(3)):
                corners = [
                    sign * _objective(nothing + side * first + other * second, [item], items, bias)
                    for sign, side, other in ((1, 1, 1), (-1, 1, -1), (-1, -1, 1), (1, -1, -1))
                ]
                bent = -sum(corners) / (4 * small**2) - PULL * (a == b)
                assert curves[item].reshape(3, 3)[a, b] == pytest.approx(bent, abs=1e-4)


def test_the_step_is_uphill_and_nearly_the_top() -> None:
    items, bias = _learnt()
    fitted = FittedBpr(items, bias, *sayings(items, bias), PULL, False)
    scores = fitted.scores(histories_of([[(2, 1.0), (5, 1.0)]]))[0].astype(np.float64)
    user, *_ = np.linalg.lstsq(items.astype(np.float64), scores - bias, rcond=None)
    top = user.copy()
    for _ in range(2_000):
        gradient = [
            (_objective(top + step, [2, 5], items, bias) - _objective(top - step, [2, 5], items, bias)) / 2e-4
            for step in 1e-4 * np.eye(3)
        ]
        top += 0.3 * np.asarray(gradient)
        if np.linalg.norm(gradient) < 1e-3:
            break
    nothing, step, best = (_objective(value, [2, 5], items, bias) for value in (np.zeros(3), user, top))
    assert nothing < step < best + 1e-6
    assert best - step < 0.25 * (best - nothing)


def test_who_met_nothing_gets_the_biases() -> None:
    items, bias = _learnt()
    fitted = FittedBpr(items, bias, *sayings(items, bias), PULL, False)
    np.testing.assert_allclose(fitted.scores(histories_of([[]]))[0], bias)


def test_likings_alone_are_read_where_that_was_chosen() -> None:
    items, bias = _learnt()
    said = sayings(items, bias)
    both, liking = histories_of([[(0, 1.0), (3, -1.0)]]), histories_of([[(0, 1.0)]])
    likings, everything = (FittedBpr(items, bias, *said, PULL, liked) for liked in (True, False))
    np.testing.assert_allclose(likings.scores(both), likings.scores(liking), atol=1e-6)
    assert not np.allclose(everything.scores(both), everything.scores(liking))


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(noisy(), 0)
    assert Bpr().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
