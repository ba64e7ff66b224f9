"""iALS: a user's factors beside the normal equations of the paper, and what is learnt beside alternating them."""

import numpy as np

from plait.evaluation.peers.ials import SETTINGS, SURENESS, FittedIals, Ials
from plait.evaluation.peers.met import met
from plait.evaluation.splitters import last_liked
from ranker.interactions import Floats
from tests.plait.evaluation.logs import noisy
from tests.plait.evaluation.peers.test_met import histories_of


def _solved(read: Floats, factors: Floats, regularization: float) -> Floats:
    """Return (m, k) the users of Hu, Koren, Volinsky 2008, equation 4, with c = 1 + SURENESS for what was met."""
    users = []
    for row in read:
        sureness = np.diag(1.0 + SURENESS * row)
        left = factors.T @ sureness @ factors + regularization * np.eye(factors.shape[1])
        users.append(np.linalg.solve(left, factors.T @ sureness @ row))
    return np.asarray(users, dtype=np.float32)


def test_users_beside_the_normal_equations() -> None:
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(5, 3)).astype(np.float32)
    # Lengths differ, one history is empty and one meets an item twice.
    histories = histories_of([[(0, 1.0), (3, -1.0)], [], [(2, 1.0)], [(1, 1.0), (4, 1.0), (1, 1.0)]])
    read = met(histories, 5).toarray()
    scores = FittedIals(factors, 2.0, False).scores(histories)
    np.testing.assert_allclose(scores, _solved(read, factors, 2.0) @ factors.T, atol=1e-5)


def test_likings_alone_are_read_where_that_was_chosen() -> None:
    factors = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    both, liking = histories_of([[(0, 1.0), (3, -1.0)]]), histories_of([[(0, 1.0)]])
    np.testing.assert_allclose(
        FittedIals(factors, 2.0, True).scores(both), FittedIals(factors, 2.0, True).scores(liking), atol=1e-6
    )
    assert not np.allclose(FittedIals(factors, 2.0, False).scores(both), FittedIals(factors, 2.0, False).scores(liking))


def test_what_is_learnt_is_where_alternating_stands_still() -> None:
    split = last_liked(noisy(), 0)
    pairs = met(split.train.histories(), 16).toarray()
    fitted = Ials().fit(split, {"factors": 4, "regularization": 1.0, "liked": 0}, seed=0)
    users = _solved(pairs, fitted.factors, 1.0)
    again = _solved(pairs.T, users, 1.0)
    # Fifteen rounds were made; one more hardly moves the predictions.
    assert np.abs(users @ again.T - users @ fitted.factors.T).mean() < 0.02
    assert np.abs(users @ fitted.factors.T).mean() > 0.2


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(noisy(), 0)
    assert Ials().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
