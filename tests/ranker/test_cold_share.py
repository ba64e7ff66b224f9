"""The share of popularity: the gain by a loop, and shares that are right by construction."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from ranker import cold_share
from ranker.cold_share import CUT, NEW, SHARES, best_share, cold_gain, judges
from ranker.interactions import Floats


def slow_gain(scores: Floats, liked: Floats) -> float:
    found = []
    for mine, wanted in zip(scores.tolist(), liked.tolist(), strict=True):
        places = [
            NEW * sum((other > score) + 0.5 * (other == score) for j, other in enumerate(mine) if j != i)
            for i, score in enumerate(mine)
            if wanted[i]
        ]
        if not places:
            continue
        most, part = divmod(min(NEW * len(places), CUT), 1)
        best = sum(1 / np.log2(2 + place) for place in range(int(most)))
        best += part / np.log2(2 + most)
        found.append(NEW * sum(1 / np.log2(2 + place) for place in places if place < CUT) / best)
    return float(np.mean(found))


@pytest.mark.parametrize("rounded", [False, True])
def test_the_gain_is_that_of_a_loop(rounded: bool) -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(12, 90)).astype(np.float32)
    liked = (rng.random((12, 90)) < 0.1).astype(np.float32)
    liked[3] = 0
    scores = np.round(scores) if rounded else scores
    assert cold_gain(scores, csr_matrix(liked)) == pytest.approx(slow_gain(scores, liked), abs=1e-6)


def test_nobody_gains_nothing() -> None:
    assert cold_gain(np.zeros((2, 3), np.float32), csr_matrix(np.zeros((2, 3), np.float32))) == 0.0


def test_the_share_is_that_by_which_users_chose() -> None:
    rng = np.random.default_rng(1)
    tastes, likings = rng.normal(size=(200, 300)).astype(np.float32), rng.normal(size=300).astype(np.float32)
    for share in (SHARES[0], SHARES[4]):
        utility = tastes + np.float32(share) * likings
        liked = csr_matrix((utility > np.quantile(utility, 0.97, axis=1, keepdims=True)).astype(np.float32))
        assert best_share(tastes, likings, liked) == share
    popular = csr_matrix(np.tile(likings > np.quantile(likings, 0.97), (200, 1)).astype(np.float32))
    assert best_share(tastes, likings, popular) == SHARES[-1]


def test_judges_are_spread_over_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cold_share, "JUDGES", 3)
    events = csr_matrix(np.tri(9, dtype=np.float32))
    assert judges(events).tolist() == [0, 4, 8]
