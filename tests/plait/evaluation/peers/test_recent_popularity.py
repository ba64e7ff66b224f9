"""Recent popularity beside a sum over all events for each user."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.evaluation.peers.recent_popularity import DAY, SETTINGS, FittedRecentPopularity, RecentPopularity
from plait.evaluation.splitters import last_liked
from ranker.interactions import Histories, Interactions
from tests.plait.evaluation.logs import checkerboard


def _events(pairs: list[tuple[float, int]]) -> Interactions:
    ordered = sorted(pairs)
    times = np.asarray([time * DAY for time, _ in ordered])
    items = np.asarray([item for _, item in ordered], dtype=np.int64)
    return Interactions(np.zeros(len(items), np.int64), items, times, np.ones(len(items), np.float32), 1, 4)


def _at(*days: float) -> Histories:
    """Return users who met item 0 at that day."""
    times = np.asarray(days) * DAY
    items = np.zeros(len(days), dtype=np.int64)
    return Histories(np.arange(len(days) + 1), items, times, np.ones(len(days), np.float32), times)


def test_by_hand() -> None:
    events = _events([(0.0, 1), (2.0, 2), (2.0, 1), (9.0, 3)])
    scores = FittedRecentPopularity(events, 2.0).scores(_at(2.0, 9.0, -1.0))
    np.testing.assert_allclose(scores[0], [0.0, np.exp(-1.0) + 1.0, 1.0, 0.0], rtol=1e-6)
    np.testing.assert_allclose(scores[1], [0.0, np.exp(-4.5) + np.exp(-3.5), np.exp(-3.5), 1.0], rtol=1e-6)
    # Before the first event nothing was popular.
    assert scores[2].tolist() == [0.0] * 4


@given(
    st.lists(st.tuples(st.integers(0, 20).map(float), st.integers(0, 3)), min_size=1, max_size=30),
    st.lists(st.integers(0, 25).map(float), min_size=1, max_size=6),
    st.sampled_from([0.5, 3.0, 100.0]),
)
def test_beside_a_sum_over_events(pairs: list[tuple[float, int]], days: list[float], fading: float) -> None:
    scores = FittedRecentPopularity(_events(pairs), fading).scores(_at(*days))
    for row, day in enumerate(days):
        wanted = [
            sum(np.exp((time - day) / fading) for time, other in pairs if other == item and time <= day)
            for item in range(4)
        ]
        np.testing.assert_allclose(scores[row], wanted, rtol=1e-5, atol=1e-12)


def test_who_has_no_history_stands_at_the_end_of_the_log() -> None:
    events = _events([(0.0, 1), (9.0, 3)])
    nobody = Histories(np.asarray([0, 0]), np.empty(0, np.int64), np.empty(0), np.empty(0, np.float32), np.zeros(1))
    scores = FittedRecentPopularity(events, 2.0).scores(nobody)
    np.testing.assert_allclose(scores, [[0.0, np.exp(-4.5), 0.0, 1.0]], rtol=1e-6)


def test_years_without_an_event_are_no_error() -> None:
    events = _events([(0.0, 1), (30_000.0, 3)])
    assert FittedRecentPopularity(events, 1.0).scores(_at(30_000.0))[0].tolist() == pytest.approx([0.0, 0.0, 0.0, 1.0])


def test_what_was_chosen_is_among_what_was_tried() -> None:
    split = last_liked(checkerboard(), 0)
    assert RecentPopularity().choose(last_liked(split.learnt, 0), seed=0) in SETTINGS
