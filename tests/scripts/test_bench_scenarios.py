"""The bench of scenarios: what both sides are asked for, and how they are compared."""

from dataclasses import replace

import numpy as np

from scripts.bench_scenarios import asked_for, compared
from tests.plait.evaluation.logs import log_of


def test_asked_for_is_what_says_much() -> None:
    log = log_of([("u", "a", 1.0, 0.4), ("u", "b", 2.0, 0.8), ("u", "c", 3.0, -1.0), ("u", "d", 4.0, 0.5)])
    rated = replace(log, ratings=np.asarray([np.nan, np.nan, 1.0, 4.0], dtype=np.float32))
    assert asked_for(log).positive.tolist() == [False, True, False, False]
    assert asked_for(rated).positive.tolist() == [False, True, False, True]


def test_lists_are_compared_user_by_user() -> None:
    told = compared({"ndcg@10": np.asarray([1.0, 0.0])}, {"ndcg@10": np.asarray([0.5, -0.5])})
    assert told == "ndcg@10 0.5000 +0.5000 [+0.5000, +0.5000]"
