"""SASRec: windows beside a loop, a network that never reads ahead, and an order that only a sequence model sees."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.evaluation.peers.sasrec import LENGTH, SasRec, windows
from plait.evaluation.peers.sasrec_network import SasRecNetwork, loss_of
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import Event, events, log_of
from tests.plait.evaluation.peers.histories import history_of


def _network(items: int = 6, length: int = 5) -> SasRecNetwork:
    torch.manual_seed(0)
    return SasRecNetwork(items, length=length, dropout=0.1).eval()


def test_a_short_history_by_hand() -> None:
    read, wanted = windows(history_of([3, 1, 2], [1.0, -1.0, 0.5]), 9, np.random.default_rng(0))
    assert read.shape == wanted.shape == (1, LENGTH)
    # Read start, 3, 1; the next are 3 (liked), 1 (not) and 2 (liked).
    assert read[0, :4].tolist() == [9, 3, 1, 9]
    assert wanted[0, :4].tolist() == [3, -1, 2, -1]


@given(events)
def test_every_liking_of_a_short_history_is_wanted_after_what_came_before(rows: list[Event]) -> None:
    histories = log_of(rows).interactions().histories()
    read, wanted = windows(histories, 8, np.random.default_rng(0))
    whole = histories.lengths <= LENGTH
    met = [user for user in range(len(histories)) if histories.lengths[user]]
    for row, user in enumerate(met if whole.all() else []):
        entries = range(*histories.offsets[user : user + 2].tolist())
        items = [int(histories.items[entry]) for entry in entries]
        assert read[row, : len(items)].tolist() == [8, *items[:-1]]
        likes = [item if histories.weights[entry] > 0 else -1 for entry, item in zip(entries, items, strict=True)]
        assert wanted[row].tolist() == likes + [-1] * (LENGTH - len(items))


@given(st.integers(1, 4 * LENGTH), st.integers(0, 5))
@settings(max_examples=50)
def test_long_histories_are_wanted_whole(count: int, seed: int) -> None:
    items = list(range(count))
    read, wanted = windows(history_of(items, [1.0] * count), count, np.random.default_rng(seed))
    assert set(wanted[wanted >= 0].tolist()) == set(items)
    before = np.where(wanted > 0, wanted - 1, count)
    np.testing.assert_array_equal(read[wanted >= 0], before[wanted >= 0])


def test_no_place_reads_a_laterhistory_of() -> None:
    network = _network()
    first = network(torch.tensor([[6, 0, 1, 2, 3]]))
    second = network(torch.tensor([[6, 0, 1, 5, 4]]))
    torch.testing.assert_close(first[:, :3], second[:, :3])
    assert not torch.allclose(first[:, 3], second[:, 3], atol=1e-3)


def test_scores_are_those_after_the_last_event() -> None:
    network = _network()
    long, short, nothing = history_of([0, 1, 2, 3, 4, 5], [1.0] * 6), history_of([2, 4], [1.0] * 2), history_of([], [])
    with torch.inference_mode():
        expected = network.logits(network(torch.tensor([[1, 2, 3, 4, 5], [6, 2, 4, 6, 6], [6, 6, 6, 6, 6]])))
    for history, row in ((long, expected[0, 4]), (short, expected[1, 2]), (nothing, expected[2, 0])):
        np.testing.assert_allclose(network.scores(history)[0], row.numpy(), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_the_loss_is_the_mean_over_wanted_places() -> None:
    network = _network()
    read, wanted = (
        torch.tensor([[6, 0, 1, 2, 3], [6, 4, 6, 6, 6]]),
        torch.tensor([[0, -1, 2, -1, 5], [4, -1, -1, -1, -1]]),
    )
    odds = network.logits(network(read)).log_softmax(-1)
    said = [odds[0, 0, 0], odds[0, 2, 2], odds[0, 4, 5], odds[1, 0, 4]]
    assert float(loss_of(network, read, wanted)) == pytest.approx(-float(sum(said)) / 4, rel=1e-5)


def test_what_comes_next_is_learnt() -> None:
    """Everybody walks round ten items from another one, so that the last event alone says what is next."""
    rows: list[Event] = [
        (f"user-{user}", f"item-{(user + step) % 10}", float(step), 1.0) for user in range(30) for step in range(6)
    ]
    split = last_liked(log_of(rows), 0)
    fitted = SasRec().fit(split, {"dropout": 0.1, "epochs": 30}, seed=0)
    scores = fitted.scores(split.histories)
    assert (scores.argmax(axis=1) == split.targets).mean() > 0.9
