"""Windows: every entry once or in an overlap, what is wanted after what came before, changes that lose nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.interactions import Histories
from ranker.sequence_batches import (
    CROPPED,
    HIDDEN,
    OVERLAP,
    START,
    Batch,
    batch_of,
    batches,
    cropped,
    shuffled,
    windows,
)
from ranker.sequence_settings import SequenceSettings
from tests.ranker.logs import history, random_log
from tests.ranker.sequences import histories_of

PLAIN = SequenceSettings(length=8)


def _whole(histories: Histories, how: SequenceSettings = PLAIN, seed: int = 0) -> Batch:
    rng = np.random.default_rng(seed)
    return batch_of(histories, windows(histories, how.length, rng), how, rng)


def test_a_short_history_by_hand() -> None:
    batch = _whole(history((3, 1.0), (1, -1.0), (2, 0.5)))
    assert batch.read.tolist() == [[START, 3, 1]]
    assert batch.weights.tolist() == [[0.0, 1.0, -1.0]]
    assert batch.wanted.tolist() == [[3, -1, 2]]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(2, 9), st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_every_entry_is_in_a_window_of_its_user(lengths: list[int], length: int, seed: int) -> None:
    histories = histories_of(*([7] * count for count in lengths))
    cut = windows(histories, length, np.random.default_rng(seed))
    covered = np.zeros(sum(lengths), dtype=np.int64)
    for start, stop, first in zip(cut.starts, cut.stops, cut.firsts, strict=True):
        assert 0 < stop - start <= length
        assert first in histories.offsets
        assert histories.users[start] == histories.users[stop - 1] == histories.users[first]
        covered[start:stop] += 1
    assert (covered >= 1).all()
    assert (covered <= 2).all()


def test_overlaps_are_drawn_and_bounded() -> None:
    histories = histories_of(list(range(100)))
    shared = set()
    for seed in range(20):
        cut = windows(histories, 10, np.random.default_rng(seed))
        shared |= set((cut.stops[1:] - cut.starts[:-1]).tolist())
    assert shared == set(range(int(OVERLAP * 10)))


@given(st.integers(0, 500), st.integers(2, 9))
@settings(max_examples=50, deadline=None)
def test_what_is_wanted_is_the_next_liking(seed: int, length: int) -> None:
    histories = random_log(6, 9, 80, seed=seed).histories()
    seen = 0
    for _, batch in batches(histories, replace(PLAIN, length=length), np.random.default_rng(seed)):
        for read, weights, wanted in zip(batch.read, batch.weights, batch.wanted, strict=True):
            pairs = {(int(item), round(float(weight), 5)) for item, weight in zip(read, weights, strict=True)}
            known = zip(histories.items, histories.weights, strict=True)
            entries = {(int(item), round(float(weight), 5)) for item, weight in known}
            assert pairs - entries <= {(START, 0.0)}
            seen += int((wanted >= 0).sum())
    assert seen >= int((histories.weights > 0).sum())


def test_a_later_window_reads_the_event_before_it() -> None:
    histories = histories_of(list(range(20)))
    batch = _whole(histories)
    for read, wanted in zip(batch.read, batch.wanted, strict=True):
        there = wanted >= 0
        assert (read[there] == wanted[there] - 1).all()  # START is -1, before item 0


def test_an_epoch_holds_every_window_once() -> None:
    histories = histories_of(*([user] * (1 + user % 8) for user in range(300)))
    shares, found = zip(*batches(histories, replace(PLAIN, batch=16), np.random.default_rng(3)), strict=True)
    assert shares == pytest.approx(np.arange(len(found)) / len(found))
    users = np.concatenate([batch.wanted[:, 0] for batch in found])
    assert sorted(users.tolist()) == list(range(300))
    assert max(len(batch.read) for batch in found) == 16
    places = sum(batch.read.size for batch in found)
    assert places < 1.2 * len(histories.items)  # windows of about one length share a batch


def test_masked_items_are_hidden_and_still_wanted() -> None:
    histories = histories_of(*(list(range(8)) for _ in range(400)))
    plain, masked = _whole(histories), _whole(histories, replace(PLAIN, mask=0.25))
    hidden = masked.read == HIDDEN
    assert hidden[:, 1:].mean() == pytest.approx(0.25, abs=0.02)
    np.testing.assert_array_equal(masked.read[~hidden], plain.read[~hidden])
    assert not hidden[:, 0].any()  # the start is not an item
    np.testing.assert_array_equal(masked.wanted, plain.wanted)


def test_cropping_takes_the_oldest_of_a_share() -> None:
    histories = histories_of(*(list(range(8)) for _ in range(400)))
    cut = windows(histories, 8, np.random.default_rng(0))
    starts = cropped(cut, 0.5, np.random.default_rng(0))
    lost = starts - cut.starts
    assert set(lost.tolist()) == set(range(int((1 - CROPPED) * 8) + 1))
    assert 0.25 < (lost > 0).mean() < 0.5  # of the half that is drawn, some lose nothing


@given(st.integers(1, 30), st.integers(0, 200))
@settings(max_examples=80, deadline=None)
def test_shuffling_keeps_what_there_is_and_stays_in_a_stretch(count: int, seed: int) -> None:
    entries = np.stack([np.arange(30)] * 4)
    counts = np.asarray([count, 30, 5, 1])
    moved = shuffled(entries, counts, 0.9, np.random.default_rng(seed))
    np.testing.assert_array_equal(np.sort(moved, axis=1), entries)
    for row, used in zip(moved, counts.tolist(), strict=True):
        away = np.flatnonzero(row != np.arange(30))
        assert not len(away) or (away.max() < used and away.max() - away.min() < max(2, int(0.2 * used)))


def test_shuffling_shuffles() -> None:
    entries, counts = np.stack([np.arange(40)] * 300), np.full(300, 40)
    moved = shuffled(entries, counts, 0.5, np.random.default_rng(0))
    assert 0.4 < (moved != entries).any(axis=1).mean() < 0.6
