"""Popularity by hand."""

import numpy as np

from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import Event, log_of


def test_counts_are_those_of_what_is_learnt() -> None:
    rows: list[Event] = [("ann", item, float(time), 1.0) for time, item in enumerate("abcde")]
    rows += [("bob", "a", 0.0, -1.0), ("bob", "c", 1.0, 1.0), ("cyd", "a", 0.0, 1.0)]
    split = last_liked(log_of(rows), 0)
    scores = Popularity().fit(split, {}, seed=0).scores(split.histories)
    # e is the target of ann and was met by nobody else.
    assert dict(zip(split.item_ids, scores[0].tolist(), strict=True)) == {"a": 3, "b": 1, "c": 2, "d": 1, "e": 0}


def test_everybody_gets_the_same() -> None:
    rows: list[Event] = [(user, item, float(time), 1.0) for user in ("x", "y") for time, item in enumerate("abcde")]
    split = last_liked(log_of(rows), 0)
    scores = Popularity().fit(split, {}, seed=0).scores(split.histories)
    np.testing.assert_array_equal(scores[0], scores[1])
