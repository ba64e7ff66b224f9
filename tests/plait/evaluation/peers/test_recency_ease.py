"""EASE on recency-weighted history: the Gram matrix beside a loop, and the newest event speaking loudest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.evaluation.peers.item_square import ItemSquare, gram
from plait.evaluation.peers.met import met
from plait.evaluation.peers.recency_ease import SETTINGS, FittedRecencyEase, RecencyEase, near_gram
from plait.evaluation.splitters import last_liked
from ranker import nearness
from ranker.nearness import once
from tests.plait.evaluation.logs import checkerboard
from tests.plait.evaluation.peers.test_met import entries, histories_of


@given(entries, st.sampled_from([0.5, 3.0, 40.0]))
def test_the_gram_matrix_beside_a_loop(users: list[list[tuple[int, float]]], reach: float) -> None:
    histories = once(histories_of(users))
    rows = np.asarray([0, 1, 3, 4])
    wanted = np.zeros((5, 5))
    for first, last in zip(histories.offsets[:-1].tolist(), histories.offsets[1:].tolist(), strict=True):
        for one in range(first, last):
            for other in range(first, last):
                wanted[histories.items[one], histories.items[other]] += np.exp(-abs(one - other) / reach)
    found = near_gram(histories, rows, 5, reach)
    np.testing.assert_allclose(found, wanted[np.ix_(rows, rows)], atol=1e-12)
    assert np.linalg.eigvalsh(found).min() > -1e-9


@pytest.mark.parametrize("block", [1, 2, 100])
def test_long_histories_are_taken_in_pieces(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    histories = once(histories_of([[(item, 1.0) for item in (4, 0, 2, 1, 3)], [(item, 1.0) for item in (1, 2, 0)]]))
    whole = near_gram(histories, np.arange(5), 5, 2.0)
    monkeypatch.setattr(nearness, "BLOCK", block)
    np.testing.assert_allclose(near_gram(histories, np.arange(5), 5, 2.0), whole)


def test_with_an_endless_reach_it_counts_who_met_both() -> None:
    histories = once(last_liked(checkerboard(), 0).train.histories())
    np.testing.assert_allclose(near_gram(histories, np.arange(16), 16, 1e12), gram(met(histories, 16)), atol=1e-8)


def test_scores_by_hand() -> None:
    weights = np.asarray([[0.0, 0.5, 1.0], [2.0, 0.0, 0.0], [0.0, 4.0, 0.0]], dtype=np.float32)
    fitted = FittedRecencyEase(ItemSquare(np.arange(3), weights, 3), memory=2.0)
    scores = fitted.scores(histories_of([[(0, 1.0), (2, -1.0)], [(2, 1.0), (0, 1.0), (2, 1.0)]]))
    # The second user met item 2 twice: its last event is the newest and the only one read.
    older = np.exp(-0.5)
    np.testing.assert_allclose(scores, [[0.0, 4.0 + older * 0.5, older], [0.0, 4.0 + older * 0.5, older]], rtol=1e-6)


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(checkerboard(), 0)
    assert RecencyEase().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
