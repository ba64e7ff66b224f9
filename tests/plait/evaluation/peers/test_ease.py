"""EASE: what it reads, and what it says of items that go together."""

import numpy as np

from plait.evaluation.peers.ease import SETTINGS, Ease
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import Event, checkerboard, log_of


def _pairs() -> list[Event]:
    """Everybody meets a and b together and c with d; of c and d, d is never liked."""
    rows: list[Event] = []
    for user in range(8):
        first, second = ("a", "b") if user % 2 else ("c", "d")
        for time, item in enumerate((first, second, "z0", "z1", "z2")):
            rows.append((f"user-{user}", item, float(time), -1.0 if item == "d" else 1.0))
    return rows


def test_items_that_go_together_speak_for_each_other() -> None:
    split = last_liked(log_of(_pairs()), 0)
    square = Ease().fit(split, {"ridge": 1.0, "liked": 0}, seed=0).square
    weights, names = square.weights, [list(split.item_ids)[row] for row in square.rows]
    rows = dict(zip(names, range(len(names)), strict=True))
    assert weights[rows["a"], rows["b"]] > 0.3
    assert weights[rows["c"], rows["d"]] > 0.3
    assert weights[rows["a"], rows["d"]] < 0.0


def test_likings_alone_are_read_where_that_was_chosen() -> None:
    split = last_liked(log_of(_pairs()), 0)
    disliked = list(split.item_ids).index("d")
    everything, likings = (Ease().fit(split, {"ridge": 1.0, "liked": liked}, seed=0) for liked in (0, 1))
    assert np.isfinite(everything.scores(split.histories)[:, disliked]).all()
    assert np.isnan(likings.scores(split.histories)[:, disliked]).all()
    others = np.delete(np.arange(len(split.item_ids)), disliked)
    assert not np.allclose(likings.scores(split.histories)[:, others], everything.scores(split.histories)[:, others])


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(checkerboard(), 0)
    assert Ease().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
