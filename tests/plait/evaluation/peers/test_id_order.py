"""IdOrder: rows that follow ids, whatever rows they came with."""

import numpy as np

from plait.evaluation.peers.id_order import IdOrder
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import Event, log_of

ROWS: list[Event] = [("b", item, float(time), 1.0) for time, item in enumerate("zyxwv")]
ROWS += [("a", item, float(time), -1.0) for time, item in enumerate("vz")]


def test_rows_follow_ids() -> None:
    order = IdOrder.of(last_liked(log_of(ROWS), 0))
    assert order.users.tolist() == [1, 0]
    assert order.items.tolist() == [4, 3, 2, 1, 0]


def test_interactions_come_out_the_same_from_any_rows() -> None:
    one, two = (last_liked(log_of(ROWS, item_ids=ids), 0) for ids in ("vwxyz", "xzvyw"))
    first, second = (IdOrder.of(split).interactions(split.train) for split in (one, two))
    for name in ("users", "items", "times", "weights"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_pairs_come_once() -> None:
    split = last_liked(log_of([*ROWS, ("a", "z", 9.0, 1.0), ("a", "z", 9.5, 1.0)]), 0)
    pairs = IdOrder.of(split).pairs(split.train, liked=False, weight=0.5)
    found = list(zip(pairs.users.tolist(), pairs.items.tolist(), strict=True))
    assert len(set(found)) == len(found)
    assert (0, 4) in found
    assert set(pairs.weights.tolist()) == {0.5}
    liked = IdOrder.of(split).pairs(split.train, liked=True, weight=0.5)
    assert [item for user, item in zip(liked.users.tolist(), liked.items.tolist(), strict=True) if user == 0] == [4]
