"""Restriction: what does not pass is neither ranked nor wanted, and still learnt from."""

import numpy as np
import pytest

from plait.errors import BadData
from plait.evaluation.impressions import with_shown
from plait.evaluation.measure import rank, scorer
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.restriction import restricted
from tests.plait.evaluation.logs import Event, checkerboard, log_of, wanted_of
from tests.plait.evaluation.test_impressions import impressions_of, told

ROWS: list[Event] = [
    (f"u{user}", f"i{(user * 5 + step * (1 + user % 3)) % 50}", float(60 * step + user), 1.0)
    for user in range(20)
    for step in range(28)
]


@pytest.mark.parametrize("protocol", SPLITTERS)
def test_targets_and_what_is_ranked_pass(protocol: str) -> None:
    log = log_of(ROWS)
    allowed = np.arange(len(log.item_ids)) % 3 > 0
    plain = SPLITTERS[protocol](log, 0)
    for split in restricted(plain, allowed):
        whole = next(one for one in plain if one.title == split.title)
        passing = {item for row, item in enumerate(split.item_ids) if allowed[row]}
        wanted = [(user, [item for item in items if item in passing]) for user, items in wanted_of(whole)]
        assert wanted_of(split) == [(user, items) for user, items in wanted if items]
        assert set(split.item_ids.ids(split.pool)) == passing & set(whole.item_ids.ids(whole.pool))
        assert split.learnt is whole.learnt
        assert len(split.ratings) == len(split.targets)
        assert all(len(inside) == len(split) for inside in split.groups.values())
        top = rank(scorer(Popularity().fit(split, {}, seed=0), split), split, depth=5).top
        assert allowed[top[top >= 0]].all()


def test_everything_may_pass() -> None:
    (split,) = SPLITTERS["last-liked"](checkerboard(), 0)
    (other,) = restricted([split], np.ones(16, dtype=np.bool_))
    assert other.fingerprint == split.fingerprint


def test_where_nothing_that_passes_is_wanted_nobody_is_judged() -> None:
    with pytest.raises(BadData, match="none of the 0 items that pass is among the targets; nothing can be judged"):
        restricted(SPLITTERS["last-liked"](checkerboard(), 0), np.zeros(16, dtype=np.bool_))


def test_what_was_shown_passes_as_well() -> None:
    rows: list[Event] = [("ann", item, float(time), 1.0) for time, item in enumerate("abcde")]
    log = log_of(rows, item_ids=list("abcdefgh"))
    (split,) = SPLITTERS["last-liked"](log, 0)
    split = with_shown(split, log, impressions_of(log, [("ann", "e", 3.5), ("ann", "f", 3.5)]))
    (some,) = restricted([split], np.asarray([name in "abe" for name in log.item_ids]))
    assert told(some) == [("ann", "e", True)]
    (none,) = restricted([with_shown(split, log, impressions_of(log, [("ann", "f", 3.5)]))], np.arange(8) == 4)
    assert told(none) == []
