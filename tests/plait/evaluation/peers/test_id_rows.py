"""Id rows: places and rows undo each other, and no order of rows shows in them."""

from dataclasses import dataclass

import numpy as np
import pytest

from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.id_rows import FittedByPlace, IdRows
from plait.evaluation.splitters import last_liked
from ranker.interactions import Floats, Histories
from tests.plait.evaluation.logs import Event, checkerboard, log_of

ROWS: list[Event] = [("b", item, float(time), 1.0) for time, item in enumerate("zyxwv")]
ROWS += [("a", item, float(time), -1.0) for time, item in enumerate("vz")]


@dataclass(frozen=True)
class Counting:
    """Scores each place by how often a history holds it."""

    item_count: int

    def scores(self, histories: Histories) -> Floats:
        found = np.zeros((len(histories), self.item_count), dtype=np.float32)
        np.add.at(found, (histories.users, histories.items), 1.0)
        return found


def test_places_and_order_undo_each_other() -> None:
    rows = IdRows.of(last_liked(checkerboard(), 0), 3)
    np.testing.assert_array_equal(rows.order[rows.items], np.arange(16))
    assert not np.array_equal(rows.order, np.arange(16))


def test_a_model_by_place_answers_by_row() -> None:
    split = last_liked(checkerboard(), 0)
    rows = IdRows.of(split, 3)
    fitted = FittedByPlace(rows.items, Counting(rows.item_count))
    np.testing.assert_array_equal(fitted.scores(split.histories), Counting(16).scores(split.histories))


def test_other_rows_are_the_same_places() -> None:
    disguise = Disguise("rows", shuffles=True)
    split, other = last_liked(checkerboard(), 0), last_liked(disguise.log(checkerboard()), 0)
    rows, others = IdRows.of(split, 3), IdRows.of(other, 3)
    assert split.item_ids.ids(rows.order) == other.item_ids.ids(others.order)
    np.testing.assert_array_equal(rows.histories().items, others.histories().items)
    np.testing.assert_array_equal(rows.histories().offsets, others.histories().offsets)


def test_other_seeds_are_other_places() -> None:
    split = last_liked(checkerboard(), 0)
    assert not np.array_equal(IdRows.of(split, 3).order, IdRows.of(split, 4).order)


def test_without_a_seed_places_follow_ids() -> None:
    rows = IdRows.of(last_liked(log_of(ROWS), 0))
    assert rows.users.tolist() == [1, 0]
    assert rows.items.tolist() == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("seed", [None, 5])
def test_interactions_come_out_the_same_from_any_rows(seed: int | None) -> None:
    one, two = (last_liked(log_of(ROWS, item_ids=ids), 0) for ids in ("vwxyz", "xzvyw"))
    first, second = (IdRows.of(split, seed).interactions() for split in (one, two))
    for name in ("users", "items", "times", "weights"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_pairs_come_once() -> None:
    split = last_liked(log_of([*ROWS, ("a", "z", 9.0, 1.0), ("a", "z", 9.5, 1.0)]), 0)
    pairs = IdRows.of(split).pairs(liked=False, weight=0.5)
    found = list(zip(pairs.users.tolist(), pairs.items.tolist(), strict=True))
    assert len(set(found)) == len(found)
    assert (0, 4) in found
    assert set(pairs.weights.tolist()) == {0.5}
    liked = IdRows.of(split).pairs(liked=True, weight=0.5)
    assert [item for user, item in zip(liked.users.tolist(), liked.items.tolist(), strict=True) if user == 0] == [4]
