"""What is judged: places among what was not met, by hand and beside a loop."""

import time
from dataclasses import replace

import numpy as np
import pytest

from ranker.hold_out import hold_out
from ranker.interactions import Floats
from ranker.sequence import SequenceModel
from ranker.sequence_rows import by_appearance, with_users_by_appearance
from ranker.sequence_validation import mean_gain, places
from tests.ranker.logs import log, random_log
from tests.ranker.sequences import SMALL


def _said(bias: list[float]) -> SequenceModel:
    """Return a model that says the same of everybody."""
    count, none = len(bias), np.zeros((0, SMALL.width), dtype=np.float32)
    zeros: Floats = np.zeros((count, SMALL.width), dtype=np.float32)
    how = replace(SMALL, encoder="gru", layers=1, reads_weights=False)
    ones = {"norm.weight": np.ones(16), "norm.bias": np.zeros(16), "start": np.zeros(16)}
    for name, shape in (("weight_ih_l0", (48, 16)), ("weight_hh_l0", (48, 16)), ("bias_ih_l0", 48), ("bias_hh_l0", 48)):
        ones[f"encoder.layers.0.gates.{name}"] = np.zeros(shape)
    ones |= {"encoder.layers.0.before.weight": np.ones(16), "encoder.layers.0.before.bias": np.zeros(16)}
    arrays = {name: array.astype(np.float32) for name, array in ones.items()}
    met = np.ones(count, dtype=np.bool_)
    return SequenceModel(how, zeros, np.asarray(bias, np.float32), met, none, np.zeros(3, np.float32), arrays)


def test_by_hand() -> None:
    # User 0 met item 3, which is said most, and then liked item 1; items 2 and 0 stand before and behind.
    held = hold_out(log((0, 3, 1.0, 1.0), (0, 1, 2.0, 1.0)), 0)
    model = _said([0.1, 0.5, 0.9, 2.0])
    assert places(model, held, np.asarray([0])).tolist() == [1]
    assert mean_gain(model, held) == pytest.approx(1 / np.log2(3))


def test_what_was_met_may_be_asked_for_again() -> None:
    held = hold_out(log((0, 1, 1.0, 1.0), (0, 0, 2.0, 1.0), (0, 1, 3.0, 1.0)), 0)
    assert places(_said([0.9, 0.5, 0.7]), held, np.asarray([0])).tolist() == [1]


def test_equal_ones_stand_half_before() -> None:
    held = hold_out(log((0, 6, 1.0, 1.0), (0, 0, 2.0, 1.0)), 0)
    assert places(_said([0.0] * 7), held, np.asarray([0])).tolist() == [2]


def test_the_mean_over_many_is_that_of_a_loop() -> None:
    held = hold_out(random_log(90, 20, 900), 0)
    rng = np.random.default_rng(0)
    bias = rng.normal(size=20).tolist()
    gains = []
    for user, target in enumerate(held.targets.tolist()):
        met = held.histories.items[held.histories.offsets[user] : held.histories.offsets[user + 1]].tolist()
        above = sum(bias[item] > bias[target] for item in range(20) if item not in met)
        gains.append(1 / np.log2(above + 2) if above < 10 else 0.0)
    assert mean_gain(_said(bias), held) == pytest.approx(np.mean(gains))


def test_past_the_deadline_there_is_no_answer() -> None:
    held = hold_out(random_log(9, 20, 90), 0)
    assert mean_gain(_said([0.0] * 20), held, deadline=time.monotonic() - 1) is None


def test_rows_come_in_the_order_of_the_log() -> None:
    assert by_appearance(np.asarray([5, 2, 5, 9, 2])).tolist() == [5, 2, 9]
    named = with_users_by_appearance(log((4, 0, 1.0, 1.0), (1, 1, 2.0, 1.0), (4, 2, 3.0, 1.0), users=6))
    assert (named.users.tolist(), named.user_count) == ([0, 1, 0], 2)
