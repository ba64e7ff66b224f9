"""Disguises say the same in other rows, ids and ties."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given

from plait.evaluation.disguise import DISGUISES, PLAIN, Disguise
from plait.history import Log
from tests.plait.evaluation import logs
from tests.plait.evaluation.catalogues import turned
from tests.plait.evaluation.logs import Event, log_of


def _said(log: Log) -> Counter[tuple[str, str, float, float, bool]]:
    users, items = log.user_ids.ids(log.users), log.item_ids.ids(log.items)
    rows = zip(users, items, log.times.tolist(), log.weights.tolist(), log.positive.tolist(), strict=True)
    return Counter(rows)


@given(logs.events)
def test_shuffled_rows_say_the_same(rows: list[Event]) -> None:
    log = log_of(rows)
    other = Disguise("shuffled", shuffles=True).log(log)
    assert _said(other) == _said(log)
    assert (np.diff(other.times) >= 0).all()


@given(logs.events)
def test_hashed_ids_keep_every_row(rows: list[Event]) -> None:
    log = log_of(rows)
    other = Disguise("renamed", renames=True).log(log)
    np.testing.assert_array_equal(other.users, log.users)
    np.testing.assert_array_equal(other.items, log.items)
    np.testing.assert_array_equal(other.times, log.times)
    assert not set(other.item_ids) & set(log.item_ids)
    assert len(set(other.user_ids)) == len(log.user_ids)


@given(logs.events)
def test_hashed_ties_move_no_event_past_another_time(rows: list[Event]) -> None:
    log = log_of(rows)
    other = Disguise("untied", unties=True).log(log)
    assert sorted(np.floor(other.times).tolist()) == log.times.tolist()
    assert (np.diff(other.times) >= 0).all()
    pairs = {(user, item, time) for user, item, time, *_ in _said(log)}
    assert len(np.unique(other.times)) == len(pairs)


def test_plain_changes_nothing() -> None:
    log = logs.checkerboard()
    other = PLAIN.log(log)
    for name in ("users", "items", "times", "weights", "positive", "ratings"):
        np.testing.assert_array_equal(getattr(other, name), getattr(log, name))
    assert list(other.item_ids) == list(log.item_ids)


def test_order_tells_where_a_row_came_from() -> None:
    log = logs.checkerboard()
    disguise = Disguise("shuffled", shuffles=True)
    ids, order = list(log.item_ids), disguise.order(len(log.item_ids)).tolist()
    assert list(disguise.log(log).item_ids) == [ids[row] for row in order] != ids
    assert disguise.ids(ids) == [ids[row] for row in order]


def test_another_salt_is_another_disguise() -> None:
    first, second = (Disguise("x", shuffles=True, renames=True, salt=salt) for salt in (1, 2))
    assert first.order(20).tolist() != second.order(20).tolist()
    assert not set(first.ids(logs.ITEMS)) & set(second.ids(logs.ITEMS))


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda disguise: disguise.name)
def test_a_catalogue_keeps_its_items_together(disguise: Disguise) -> None:
    catalogue = turned(groups=[f"group-{row}" for row in range(60)])
    other = disguise.catalogue(catalogue)
    assert other.groups is not None
    for row, old in enumerate(disguise.order(60).tolist()):
        assert other.groups[row] == f"group-{old}"
        assert other.categories[row] == catalogue.categories[old]
        for strand, vectors in catalogue.vectors.items():
            np.testing.assert_array_equal(other.vectors[strand][row], vectors[old])
    assert list(other.item_ids) == disguise.ids(list(catalogue.item_ids))
