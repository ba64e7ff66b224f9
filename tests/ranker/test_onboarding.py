"""Onboarding: the questions that tell most, beside a slow reference."""

import numpy as np
import pytest

from ranker.onboarding import questions
from ranker.taste import Taste
from ranker.taste_fit import fit_taste
from tests.ranker.tastes import random_taste, two_sides


def variance(taste: Taste, asked: list[int]) -> float:
    """Return the variance of all expected weights once all of `asked` were answered for certain."""
    precision = np.eye(taste.factors)
    for item in asked:
        precision += np.outer(taste.says[item], taste.says[item]).astype(np.float64) / taste.noise
    return float(np.trace(taste.answers @ np.linalg.inv(precision) @ taste.answers.T))


def known_by_all(taste: Taste) -> Taste:
    return Taste(taste.base, taste.says, taste.expected, taste.answers, np.ones_like(taste.known), taste.noise)


@pytest.mark.parametrize("seed", range(5))
def test_each_question_lowers_the_variance_most(seed: int) -> None:
    taste = known_by_all(random_taste(15, 4, seed=seed))
    rows, told = questions(taste, np.ones(15, np.bool_), 4)
    asked: list[int] = []
    for row, share in zip(rows.tolist(), told.tolist(), strict=True):
        left = {item: variance(taste, [*asked, item]) for item in range(15) if item not in asked}
        assert min(left, key=left.__getitem__) == row
        assert share == pytest.approx((variance(taste, asked) - left[row]) / variance(taste, []), abs=1e-5)
        asked.append(row)
    assert told.tolist() == sorted(told.tolist(), reverse=True)


def test_what_nobody_knows_is_not_asked() -> None:
    taste = random_taste(6, 3)
    taste.known[[1, 4]] = 0.0
    rows, _ = questions(taste, np.ones(6, np.bool_), 6)
    assert sorted(rows.tolist()) == [0, 2, 3, 5]


def test_of_two_alike_the_better_known_is_asked_and_then_something_else() -> None:
    says = np.asarray([[1.0, 0.0], [1.0, 0.0], [0.0, 0.5]], dtype=np.float32)
    nothing = np.zeros(3, np.float32)
    taste = Taste(nothing, says, nothing, says, np.asarray([0.5, 0.9, 0.9], np.float32), 0.05)
    assert questions(taste, np.ones(3, np.bool_), 2)[0].tolist() == [1, 2]


def test_only_allowed_items_are_asked() -> None:
    allowed = np.asarray([False, True, False, True, False])
    rows, told = questions(random_taste(5, 2), allowed, 5)
    assert set(rows.tolist()) == {1, 3}
    assert len(told) == 2


def test_of_nothing_nothing_is_asked() -> None:
    taste = random_taste(4, 2)
    for each, allowed in ((taste, np.zeros(4, np.bool_)), (taste.take(np.empty(0, np.int64)), np.ones(0, np.bool_))):
        rows, told = questions(each, allowed, 3)
        assert len(rows) == len(told) == 0


def test_questions_part_two_sides() -> None:
    taste = fit_taste(two_sides(60), factors=4).taste
    row = int(questions(taste, np.ones(24, np.bool_), 1)[0][0])
    tastes = taste.fold(np.asarray([[row], [row]]), np.asarray([[1.0], [-1.0]], np.float32))
    scores = taste.score(tastes, np.tile(np.arange(24), (2, 1)))
    assert (scores[0] * scores[1] < 0).mean() > 0.9
