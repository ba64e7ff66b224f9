"""Impressions: by hand under every protocol, beside a slow reference, and never among what is learnt from."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import IdMap
from plait.errors import BadData
from plait.evaluation.disguise import Disguise
from plait.evaluation.impressions import WINDOWS, Impressions, with_shown
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.split_arrays import from_arrays, to_arrays
from plait.evaluation.splits import Split
from plait.history import Log
from plait.store import EventColumns
from tests.plait.evaluation import logs
from tests.plait.evaluation.logs import Event, log_of
from tests.plait.evaluation.test_time_splitter import BY_HAND

Shows = Sequence[tuple[str, str, float]]


def impressions_of(log: Log, shows: Shows) -> Impressions:
    """Return impressions (user, item, time) as rows of a log."""
    ordered = sorted(shows, key=lambda show: show[2])
    users, items = log.user_ids.rows([show[0] for show in ordered]), log.item_ids.rows([show[1] for show in ordered])
    return Impressions(users, items, np.asarray([show[2] for show in ordered], dtype=np.float64))


def told(split: Split) -> list[tuple[str, str, bool]]:
    """Return user, item and whether it was liked, of each observation."""
    if split.shown is None:
        return []
    users = split.user_ids.ids(split.shown.users[split.shown.owners])
    items = split.item_ids.ids(split.shown.items)
    return sorted(zip(users, items, split.shown.happened.tolist(), strict=True))


def _shown(protocol: str, log: Log, shows: Shows, salt: int = 0) -> list[Split]:
    return [with_shown(split, log, impressions_of(log, shows)) for split in SPLITTERS[protocol](log, salt)]


def test_from_a_cut_up_to_the_next_one() -> None:
    # Cuts fall on 6, 7, 8, 9 and 10; splits are those of cut 1, from 6 up to 7, and of cut 5, from 10 on.
    log = log_of(BY_HAND)
    shows: list[tuple[str, str, float]] = [
        ("ann", "c", 6.0),  # Liked at 6, the same moment.
        ("ann", "d", 6.5),
        ("ann", "a", 6.5),  # Met before the cut.
        ("bob", "d", 5.9),  # Before the window.
        ("bob", "b", 6.9),  # Bob likes nothing then, and is told of all the same.
        ("cyd", "a", 6.9),  # Disliked at 9, in another window.
        ("dan", "a", 6.9),  # Dan has no history yet.
        ("dan", "a", 10.0), ("dan", "a", 10.5), ("dan", "b", 11.0),
    ]  # fmt: skip
    first, last = _shown("global-time", log, shows)
    assert told(first) == [("ann", "c", True), ("ann", "d", False), ("bob", "b", False), ("cyd", "a", False)]
    assert told(last) == [("dan", "a", True), ("dan", "b", False)]
    assert first.shown is not None
    known = dict(zip(first.user_ids.ids(first.shown.users), first.shown.histories.lengths.tolist(), strict=True))
    assert known == {"ann": 2, "bob": 2, "cyd": 1}


def test_what_is_liked_before_it_is_shown_did_not_follow() -> None:
    rows: list[Event] = [("ann", f"old{time}", time, 1.0) for time in range(9)]
    rows += [("ann", "x", 9, 1.0), ("ann", "y", 10, 1.0), ("ann", "z", 11, 1.0)]
    last = _shown("global-time", log_of(rows), [("ann", "y", 10.5), ("ann", "z", 10.5)])[-1]
    assert told(last) == [("ann", "y", False), ("ann", "z", True)]


@pytest.mark.parametrize("protocol", ["last-liked", "leave-last-out"])
def test_behind_the_last_known_event(protocol: str) -> None:
    rows: list[Event] = [("ann", item, float(time), 1.0) for time, item in enumerate("abcde")]
    log = log_of(rows, item_ids=list("abcdefgh"))
    # The history ends with d, at 3; e at 4 is the target. What has its moment may have come before it.
    shows = [("ann", "f", 3.0), ("ann", "g", 3.1), ("ann", "e", 3.5), ("ann", "a", 3.5), ("ann", "h", 99.0)]
    (split,) = _shown(protocol, log, shows)
    assert told(split) == [("ann", "e", True), ("ann", "g", False), ("ann", "h", False)]


def test_of_hidden_items_at_any_time() -> None:
    log = logs.checkerboard()
    (plain,) = SPLITTERS["cold-items"](log, 0)
    hidden = plain.item_ids.ids(plain.pool)
    liked = [user for user, item in _positives(log) if item == hidden[0]]
    other = next(user for user in log.user_ids if user not in liked)
    shows = [(liked[0], hidden[0], -5.0), (other, hidden[0], -5.0), (liked[1], hidden[0], 1e9)]
    shows += [(other, next(item for item in log.item_ids if item not in hidden), 0.0)]
    (split,) = _shown("cold-items", log, shows)
    expected = [(liked[0], hidden[0], True), (liked[1], hidden[0], False), (other, hidden[0], False)]
    assert told(split) == sorted(expected)


def test_behind_the_twentieth_event_of_the_hidden() -> None:
    rows: list[Event] = [
        (f"u{user}", f"i{step}", float(step), 1.0 if step < 22 else -1.0) for user in range(10) for step in range(24)
    ]
    log = log_of(rows)
    (plain,) = SPLITTERS["cold-users"](log, 0)
    hidden = sorted(set(plain.user_ids.ids(plain.users)))
    left = next(user for user in log.user_ids if user not in hidden)
    shows = [(hidden[0], "i20", 19.0), (hidden[0], "i21", 19.5), (hidden[0], "i22", 19.5), (left, "i21", 19.5)]
    (split,) = _shown("cold-users", log, shows)
    assert told(split) == [(hidden[0], "i21", True)] * 6 + [(hidden[0], "i22", False)] * 6
    assert split.shown is not None
    assert sorted(split.shown.histories.lengths.tolist()) == [0, 1, 2, 5, 10, 20]


def test_with_later_events_known_there_is_no_window() -> None:
    assert set(SPLITTERS) - set(WINDOWS) == {"random"}
    log = logs.checkerboard()
    (split,) = _shown("random", log, [("user-0", "item-1", 1e9)])
    assert split.shown is None


def _positives(log: Log) -> list[tuple[str, str]]:
    rows = np.flatnonzero(log.positive)
    return list(zip(log.user_ids.ids(log.users[rows]), log.item_ids.ids(log.items[rows]), strict=True))


shows_of = st.lists(
    st.tuples(st.sampled_from(logs.USERS), st.sampled_from(logs.ITEMS), st.integers(0, 3).map(float)), max_size=30
)


@given(rows=logs.events, shows=shows_of)
@settings(max_examples=40, deadline=None)
def test_global_time_beside_a_slow_reference(rows: list[Event], shows: Shows) -> None:
    log = log_of(rows, item_ids=logs.ITEMS, user_ids=logs.USERS)
    try:
        splits = _shown("global-time", log, shows)
    except BadData:
        return
    times = sorted(time for _, _, time, _ in rows)
    cuts = sorted({times[int(share * len(times))] for share in (0.5, 0.6, 0.7, 0.8, 0.9)} - {times[0]}) or [times[-1]]
    for split in splits:
        place = int(split.part.removeprefix("cut ")) - 1
        start, stop = cuts[place], (cuts[place + 1 :] or [np.inf])[0]
        expected = []
        for user in logs.USERS:
            known = {item for name, item, time, _ in rows if name == user and time < start}
            for item in logs.ITEMS if known else ():
                mine = [t for name, one, t in shows if (name, one) == (user, item) and start <= t < stop]
                after = [
                    t for name, one, t, weight in rows
                    if (name, one) == (user, item) and weight > 0 and mine and min(mine) <= t < stop
                ]  # fmt: skip
                if mine and item not in known:
                    expected.append((user, item, bool(after)))
        assert told(split) == sorted(expected)


@pytest.mark.parametrize("protocol", SPLITTERS)
@given(rows=logs.events, shows=shows_of)
@settings(max_examples=40, deadline=None)
def test_nothing_else_of_a_split_changes_and_nobody_learns_of_it(
    protocol: str, rows: list[Event], shows: Shows
) -> None:
    log = log_of(rows, item_ids=logs.ITEMS, user_ids=logs.USERS)
    try:
        plain = SPLITTERS[protocol](log, 1)
    except BadData:
        return
    for split, other in zip(plain, _shown(protocol, log, shows, 1), strict=True):
        assert with_shown(split, log, impressions_of(log, [])) is split
        arrays = to_arrays(other)
        for name, array in to_arrays(split).items():
            np.testing.assert_array_equal(arrays[name], array)
        assert (other.fingerprint == split.fingerprint) is (other.shown is None)
        assert other.without_targets().shown is None
        assert from_arrays(arrays).fingerprint == other.fingerprint
        assert told(from_arrays(arrays)) == told(other)


@pytest.mark.parametrize("protocol", WINDOWS)
@given(rows=logs.events, shows=shows_of)
@settings(max_examples=40, deadline=None)
def test_rows_do_not_matter(protocol: str, rows: list[Event], shows: Shows) -> None:
    log = log_of(rows, item_ids=logs.ITEMS, user_ids=logs.USERS)
    moved = Disguise("rows", shuffles=True).log(log)
    try:
        first, second = _shown(protocol, log, shows), _shown(protocol, moved, shows)
    except BadData:
        return
    assert [split.fingerprint for split in first] == [split.fingerprint for split in second]


def test_out_of_a_store_come_impressions_of_who_and_what_is_known() -> None:
    def codes(*values: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.asarray(values, dtype=np.int64)

    columns = EventColumns(
        ("ann", "bob", "cyd"), ("a", "b", "gone"), ("click", "impression"),
        codes(0, 1, 0, 2, 1), codes(0, 1, 0, 0, 2), codes(0, 1, 1, 1, 1),
        np.asarray([1.0, 9.0, 3.0, 4.0, 5.0]), np.full(5, np.nan), codes(1, 2, 3, 4, 5),
    )  # fmt: skip
    found = Impressions.of(columns, IdMap(["bob", "ann"]), IdMap(["b", "a"]))
    assert (found.users.tolist(), found.items.tolist(), found.times.tolist()) == ([1, 0], [1, 0], [3.0, 9.0])
    nothing = EventColumns((), (), (), codes(), codes(), codes(), np.empty(0), np.empty(0), codes())
    assert len(Impressions.of(nothing, IdMap(["bob"]), IdMap(["b"]))) == 0
