"""The bench of pairs: what it counts, by hand."""

import numpy as np

from scripts.bench_pairs import hits_of, interval_of


def test_hits_are_counted_at_every_cut() -> None:
    answers = [["a", "b"], ["b", "c", "d", "a"], [], ["x"] * 9 + ["a"]]
    assert hits_of(answers, ["a", "d", "a", "a"]) == "1, 2, 3"


def test_an_interval_by_hand() -> None:
    assert interval_of(np.asarray([0.0, 1.0, 0.0, 1.0])) == "0.500 ± 0.490"
