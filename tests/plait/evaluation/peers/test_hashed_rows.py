"""Hashed rows: places and rows undo each other, and no order of rows shows in them."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.hashed_rows import FittedByPlace, HashedRows
from plait.evaluation.splitters import last_liked
from ranker.interactions import Floats, Histories
from tests.plait.evaluation.logs import checkerboard


@dataclass(frozen=True)
class Counting:
    """Scores each place by how often a history holds it."""

    item_count: int

    def scores(self, histories: Histories) -> Floats:
        found = np.zeros((len(histories), self.item_count), dtype=np.float32)
        np.add.at(found, (histories.users, histories.items), 1.0)
        return found


def test_places_and_order_undo_each_other() -> None:
    rows = HashedRows.of(last_liked(checkerboard(), 0), 3)
    np.testing.assert_array_equal(rows.order[rows.places], np.arange(16))
    assert not np.array_equal(rows.order, np.arange(16))


def test_a_model_by_place_answers_by_row() -> None:
    split = last_liked(checkerboard(), 0)
    rows = HashedRows.of(split, 3)
    fitted = FittedByPlace(rows.places, Counting(rows.item_count))
    np.testing.assert_array_equal(fitted.scores(split.histories), Counting(16).scores(split.histories))


def test_other_rows_are_the_same_places() -> None:
    disguise = Disguise("rows", shuffles=True)
    split, other = last_liked(checkerboard(), 0), last_liked(disguise.log(checkerboard()), 0)
    rows, others = HashedRows.of(split, 3), HashedRows.of(other, 3)
    assert split.item_ids.ids(rows.order) == other.item_ids.ids(others.order)
    np.testing.assert_array_equal(rows.histories.items, others.histories.items)
    np.testing.assert_array_equal(rows.histories.offsets, others.histories.offsets)


def test_other_seeds_are_other_places() -> None:
    split = last_liked(checkerboard(), 0)
    assert not np.array_equal(HashedRows.of(split, 3).order, HashedRows.of(split, 4).order)
