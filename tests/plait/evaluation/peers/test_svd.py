"""PureSVD beside numpy's whole decomposition."""

import numpy as np
import pytest

from plait.evaluation.peers.met import met
from plait.evaluation.peers.svd import SETTINGS, Svd
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import Event, log_of, noisy


@pytest.mark.parametrize("liked", [0, 1])
@pytest.mark.parametrize("rank", [1, 3, 5])
def test_beside_the_whole_decomposition(rank: int, liked: int) -> None:
    split = last_liked(noisy(), 0)
    dense = met(split.train.histories(), 16, liked=bool(liked)).toarray().astype(np.float64)
    _, _, vectors = np.linalg.svd(dense)
    read = met(split.histories, 16, liked=bool(liked)).toarray()
    scores = Svd().fit(split, {"rank": rank, "liked": liked}, seed=0).scores(split.histories)
    np.testing.assert_allclose(scores, read @ vectors[:rank].T @ vectors[:rank], atol=1e-4)


def test_the_seed_does_not_matter() -> None:
    split = last_liked(noisy(), 0)
    one, two = (Svd().fit(split, {"rank": 3, "liked": 0}, seed=seed).scores(split.histories) for seed in (0, 1))
    np.testing.assert_allclose(one, two, atol=1e-4)


def test_a_log_smaller_than_the_rank() -> None:
    rows: list[Event] = [(user, item, float(time), 1.0) for user in "xy" for time, item in enumerate("abcde")]
    split = last_liked(log_of(rows), 0)
    assert Svd().fit(split, {"rank": 64, "liked": 0}, seed=0).vectors.shape == (5, 1)


def test_one_user_alone_has_no_singular_vectors_to_leave_out() -> None:
    rows: list[Event] = [("x", item, float(time), 1.0) for time, item in enumerate("abcde")]
    split = last_liked(log_of(rows), 0)
    assert not Svd().fit(split, {"rank": 8, "liked": 0}, seed=0).scores(split.histories).any()


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(noisy(), 0)
    assert Svd().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
