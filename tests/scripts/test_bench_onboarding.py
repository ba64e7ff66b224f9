"""The benchmark of onboarding: answers of users held out, and nothing that was asked is ranked or looked for."""

import numpy as np
import pytest

from plait.history import Log
from scripts.bench_onboarding import fold_of, judged, line, said_by
from tests.plait.evaluation.logs import log_of
from tests.ranker.tastes import SIDES, random_taste, two_sides

WAYS = {"onboard", "most telling", "most popular", "best liked", "random", "no question"}


def two_sided_log(users: int) -> Log:
    found = two_sides(users, events=10)
    rows = zip(found.users.tolist(), found.items.tolist(), found.times.tolist(), found.weights.tolist(), strict=True)
    return log_of((f"u{user}", f"i{item}", time, weight) for user, item, time, weight in rows)


def test_what_users_said() -> None:
    log = log_of([("a", "x", 1.0, 1.0), ("b", "y", 2.0, -0.5), ("a", "x", 3.0, 0.2)], item_ids=["x", "y", "z"])
    said = said_by(log, np.asarray([1, 0]))
    np.testing.assert_array_equal(said, np.asarray([[np.nan, -0.5, np.nan], [1.0, np.nan, np.nan]], np.float32))


def test_what_was_asked_is_neither_ranked_nor_looked_for() -> None:
    taste = random_taste(30, 3)
    said = np.full((2, 30), np.nan, dtype=np.float32)
    said[0, [4, 5]], said[1, 4] = 1.0, 1.0
    answered = judged(taste, said, np.asarray([4]), np.asarray([4]))
    assert answered.answers.tolist() == [1, 1]
    assert np.isnan(answered.values[1])
    assert 0 <= answered.values[0] <= 1


def test_questions_help_where_tastes_have_two_sides() -> None:
    log = two_sided_log(100)
    found = fold_of(log, np.arange(20), 3, np.random.default_rng(0))
    assert set(found) == WAYS
    means = {name: np.nanmean(each.values) for name, each in found.items()}
    assert means["onboard"] > means["no question"] + 0.1
    assert found["no question"].answers.sum() == 0
    assert len(log.item_ids) == 2 * SIDES


def test_a_line_has_the_interval_of_a_mean() -> None:
    text = line("x", np.asarray([0.0, 1.0, np.nan]))
    assert text.split()[1:] == ["+0.5000", "[-0.4800,", "+1.4800]"]
    assert pytest.approx(0.98) == 1.96 * np.std([0.0, 1.0], ddof=1) / np.sqrt(2)
