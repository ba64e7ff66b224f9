"""What is shown to the combination: the chosen item first, nothing the user had met."""

import numpy as np
import pytest

from ranker import choices
from ranker.choices import as_if_new, shown
from ranker.hold_out import hold_out
from tests.ranker.logs import log, random_log


def test_the_chosen_item_is_first_and_no_other_was_met_before() -> None:
    held = hold_out(random_log(20, 30, 200), 0, likings=3)
    found = shown(held, 30, seed=0)
    assert np.array_equal(found[:, 0], held.targets)
    offsets = held.histories.offsets
    for row, others in enumerate(found[:, 1:]):
        met = set(held.histories.items[offsets[row] : offsets[row + 1]].tolist())
        assert not met & set(others.tolist())
        assert held.targets[row] not in others
        assert len(set(others.tolist())) == len(others)


def test_as_many_as_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "SHOWN", 7)
    assert shown(hold_out(random_log(20, 50, 200), 0), 50, seed=0).shape[1] == 8


def test_the_seed_decides() -> None:
    held = hold_out(random_log(20, 900, 200), 0)
    assert np.array_equal(shown(held, 900, seed=1), shown(held, 900, seed=1))
    assert not np.array_equal(shown(held, 900, seed=1), shown(held, 900, seed=2))


def test_somebody_who_met_everything() -> None:
    held = hold_out(log((0, 0, 0.0, 1.0), (0, 1, 1.0, 1.0), (0, 0, 2.0, 1.0)), 0)
    assert shown(held, 2, seed=0).shape == (1, 2)


def test_new_items_are_nothing_but_what_content_predicts() -> None:
    side = as_if_new(np.ones((3, 2), np.float32))
    assert not side.met.any()
    assert not side.popularity.any()
    assert (side.places == -1).all()
