"""Readings: shares by hand, and what stood before a liking beside a loop."""

import numpy as np
from hypothesis import given

from plait.evaluation.peers import recent_reading
from plait.evaluation.peers.recent_reading import HISTORY, Likings, read
from ranker.interactions import Histories
from tests.plait.evaluation.logs import Event, events, log_of
from tests.plait.evaluation.peers.histories import history_of


def test_shares_by_hand() -> None:
    # Newest first: weight 1 says 2, weight 0 a place behind says 1 / (1 + 1/2), weight -1 nothing.
    reading = read(history_of([4, 5, 6], [-1.0, 0.0, 1.0]).recent(HISTORY), 9, 2.0)
    said = np.asarray([2.0, 1 / 1.5, 0.0])
    np.testing.assert_array_equal(reading.items, [[6, 5, 4]])
    np.testing.assert_allclose(reading.shares, [said / (1 + said.sum())], rtol=1e-6)


def test_shorter_histories_are_padded_and_say_less() -> None:
    histories = Histories(
        np.asarray([0, 0, 1, 3]), np.asarray([1, 2, 3]), np.arange(3.0), np.ones(3, np.float32), np.zeros(3)
    )
    reading = read(histories.recent(HISTORY), 9, 10.0)
    np.testing.assert_array_equal(reading.items, [[9, 9], [1, 9], [3, 2]])
    sums = reading.shares.sum(axis=1)
    assert sums[0] == 0.0 < sums[1] < sums[2] < 1.0


@given(events)
def test_before_beside_a_loop(rows: list[Event]) -> None:
    histories = log_of(rows).interactions().histories()
    likings = Likings.of(histories)
    found = likings.before(np.arange(len(likings)))
    place = 0
    for user in range(len(histories)):
        start, stop = histories.offsets[user : user + 2].tolist()
        for entry in range(start, stop):
            if histories.weights[entry] > 0:
                assert (likings.owners[place], likings.targets[place]) == (user, histories.items[entry])
                expected = histories.items[start:entry][::-1][:HISTORY].tolist()
                assert found.items[place][found.used[place]].tolist() == expected
                place += 1
    assert place == len(likings)


def test_the_reading_before_a_liking_is_that_of_the_history_cut_there() -> None:
    histories = history_of([3, 1, 4, 2], [1.0, -0.5, 0.5, 1.0])
    whole = read(Likings.of(histories).before(np.asarray([2])), 9, 5.0)
    cut = read(history_of([3, 1, 4], [1.0, -0.5, 0.5]).recent(HISTORY), 9, 5.0)
    np.testing.assert_array_equal(whole.items, cut.items)
    np.testing.assert_allclose(whole.shares, cut.shares)


def test_only_the_last_events_are_read() -> None:
    count = recent_reading.HISTORY + 10
    histories = history_of(list(range(count)), [1.0] * count)
    found = Likings.of(histories).before(np.asarray([count - 1]))
    assert found.items.tolist() == [list(range(count - 2, 8, -1))]
