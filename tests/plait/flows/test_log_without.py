"""A log without some of its events."""

import numpy as np

from index import IdMap
from plait.flows.log_without import log_without
from plait.history import Log
from plait.records import Interaction


def log(*rows: tuple[int, int, float, float]) -> Log:
    """Return a log of rows of user, item, time and weight."""
    users, items, times, weights = (np.array(column) for column in zip(*rows, strict=True))
    ids = IdMap(["a", "b", "c"])
    said = weights.astype(np.float32)
    return Log(ids, ids, users, items, times, said, weights > 0, np.full(len(rows), np.nan, np.float32))


FOUND = log((0, 0, 1.0, 1.0), (1, 0, 1.0, 2.0), (0, 0, 1.0, 3.0), (0, 1, 2.0, 4.0), (0, 0, 3.0, 5.0))


def left(*events: tuple[str, str, float]) -> list[float]:
    """Return the weights of what is left without events of user, item and time."""
    given = [(user, Interaction(item, "like", None, at)) for user, item, at in events]
    return [float(weight) for weight in log_without(FOUND, given).weights]


def test_of_events_alike_the_last_go() -> None:
    assert left(("a", "a", 1.0)) == [1.0, 2.0, 4.0, 5.0]
    assert left(("a", "a", 1.0), ("a", "a", 1.0)) == [2.0, 4.0, 5.0]
    assert left(("b", "a", 1.0), ("a", "b", 2.0)) == [1.0, 3.0, 5.0]


def test_what_is_not_there_changes_nothing() -> None:
    assert log_without(FOUND, []) is FOUND
    assert left(("c", "a", 1.0), ("nobody", "a", 1.0), ("a", "nothing", 1.0), ("a", "a", 2.0)) == [1, 2, 3, 4, 5]
    assert left(("b", "a", 1.0), ("b", "a", 1.0)) == [1.0, 3.0, 4.0, 5.0]
