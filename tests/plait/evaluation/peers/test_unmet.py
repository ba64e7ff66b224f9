"""Unmet: the arithmetic of gaps beside a list of the others."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plait.evaluation.peers.unmet import Unmet
from ranker.interactions import Histories, Interactions

ITEMS = 7

pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, ITEMS - 1)), min_size=1, max_size=40)


def _histories(met: list[tuple[int, int]]) -> Histories:
    users, items = (np.asarray(column, dtype=np.int64) for column in zip(*met, strict=True))
    ones = np.ones(len(met), dtype=np.float32)
    return Interactions(users, items, np.arange(len(met), dtype=np.float64), ones, 4, ITEMS).histories()


@given(pairs)
def test_what_is_drawn_is_just_what_was_not_met(met: list[tuple[int, int]]) -> None:
    unmet = Unmet.of(_histories(met), ITEMS)
    drawn = unmet.draw(np.arange(4), 200, np.random.default_rng(0))
    for user in range(4):
        others = set(range(ITEMS)) - {item for owner, item in met if owner == user}
        assert set(drawn[user].tolist()) == (others or set(range(ITEMS)))


def test_each_is_drawn_as_often() -> None:
    unmet = Unmet.of(_histories([(0, 0), (0, 3), (0, 3), (1, 6), (2, 1)]), ITEMS)
    drawn = unmet.draw(np.zeros(1, dtype=np.int64), 50_000, np.random.default_rng(0))
    shares = np.bincount(drawn[0], minlength=ITEMS) / 50_000
    np.testing.assert_allclose(shares, [0, 0.2, 0.2, 0, 0.2, 0.2, 0.2], atol=0.01)
