"""Global-time: cuts by hand, a slow reference, and what may not be read."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.errors import BadData
from plait.evaluation.splits import Split
from plait.evaluation.time_splitter import SHARES, global_time
from tests.plait.evaluation import logs
from tests.plait.evaluation.logs import Event, histories_of, learnt_by, log_of, wanted_of

# Ten events at ten times: the cuts fall on 6, 7, 8, 9 and 10.
BY_HAND: list[Event] = [
    ("ann", "a", 1, 1.0), ("bob", "a", 2, 1.0), ("cyd", "b", 3, -1.0), ("ann", "b", 4, 1.0), ("bob", "c", 5, 1.0),
    ("ann", "c", 6, 1.0), ("ann", "a", 7, 1.0), ("dan", "d", 8, 1.0), ("cyd", "a", 9, -1.0), ("dan", "a", 10, 1.0),
]  # fmt: skip


def test_by_hand() -> None:
    splits = {split.part: split for split in global_time(log_of(BY_HAND), 0)}
    # At 7 ann likes what she knows; at 8 dan has no history; at 9 cyd dislikes.
    assert list(splits) == ["cut 1", "cut 5"]
    first, last = splits["cut 1"], splits["cut 5"]
    assert wanted_of(first) == [("ann", ["c"])]
    assert histories_of(first) == {"ann": ["a", "b"]}
    assert [(user, item) for user, item, time, _ in BY_HAND if time < 6] == learnt_by(first)
    assert wanted_of(last) == [("dan", ["a"])]
    assert len(learnt_by(last)) == 9
    assert last.groups["cut 5"].tolist() == [True]
    assert last.histories.now.tolist() == [8.0]


def test_the_last_window_has_no_end_and_several_likings_are_several_targets() -> None:
    rows: list[Event] = [("ann", f"old{time}", time, 1.0) for time in range(9)]
    rows += [("ann", "x", 9, 1.0), ("ann", "y", 10, 1.0), ("ann", "z", 11, 0.0)]
    # Twelve events: the last cut stands at the eleventh, 10.
    last = global_time(log_of(rows), 0)[-1]
    assert (last.part, wanted_of(last)) == ("cut 5", [("ann", ["y"])])
    rows += [("ann", "w", 10, 1.0), ("ann", "v", 50, 1.0)]
    last = global_time(log_of(rows), 0)[-1]
    (wanted,) = wanted_of(last)
    assert set(wanted[1]) == {"v"}
    assert set(wanted_of(global_time(log_of(rows), 0)[-2])[0][1]) == {"y", "w"}


def test_a_log_without_times_is_one_clear_error() -> None:
    with pytest.raises(BadData, match="global-time needs times; the 3 events of this log have one time, 0"):
        global_time(log_of([("ann", item, 0.0, 1.0) for item in "abc"]), 0)
    with pytest.raises(BadData, match="the 0 events of this log have one time, none"):
        global_time(log_of([], item_ids=["a"]), 0)


def test_nobody_to_judge_is_bad_data() -> None:
    with pytest.raises(BadData, match="nothing can be judged"):
        global_time(log_of([(f"u{time}", "a", float(time), 1.0) for time in range(10)]), 0)


Case = tuple[str, tuple[str, ...], frozenset[str]]


def _slow(rows: list[Event]) -> list[set[Case]]:
    """Return user, history and targets of each window, event by event."""
    times = sorted(row[2] for row in rows)
    bounds = sorted({times[int(share * len(times))] for share in SHARES} - {times[0]}) or [times[-1]]
    found = []
    for start, stop in zip(bounds, [*bounds[1:], float("inf")], strict=True):
        cases: set[Case] = set()
        for user in {row[0] for row in rows}:
            before = [row for row in rows if row[0] == user and row[2] < start]
            known = {row[1] for row in before}
            liked = {row[1] for row in rows if row[0] == user and start <= row[2] < stop and row[3] > 0} - known
            if before and liked:
                cases.add((user, tuple(sorted(row[1] for row in before)), frozenset(liked)))
        if cases:
            found.append(cases)
    return found


def _cases(split: Split) -> set[Case]:
    histories = histories_of(split)
    return {(user, tuple(sorted(histories[user])), frozenset(items)) for user, items in wanted_of(split)}


def _splits(rows: list[Event], **ids: list[str]) -> list[Split]:
    try:
        return global_time(log_of(rows, **ids), 1)
    except BadData:
        return []


@given(logs.events)
def test_beside_the_slow_reference(rows: list[Event]) -> None:
    expected = _slow(rows) if len({row[2] for row in rows}) > 1 else []
    assert [_cases(split) for split in _splits(rows)] == expected


@given(rows=logs.events, shuffle=st.randoms(use_true_random=False))
def test_rows_do_not_matter(rows: list[Event], shuffle: Random) -> None:
    mixed, items, users = list(rows), list(logs.ITEMS), list(logs.USERS)
    for sequence in (mixed, items, users):
        shuffle.shuffle(sequence)
    plain = _splits(rows, item_ids=list(logs.ITEMS), user_ids=list(logs.USERS))
    other = _splits(mixed, item_ids=items, user_ids=users)
    assert [split.fingerprint for split in plain] == [split.fingerprint for split in other]


@given(logs.events)
def test_nothing_of_the_future_is_learnt(rows: list[Event]) -> None:
    for split in _splits(rows):
        latest = split.learnt.times.max()
        future = min(time for user, item, time, _ in rows if time > latest)
        assert (split.train.times < future).all()
        assert (np.diff(split.train.times) >= 0).all()
        assert len(split.train) == sum(time < future for _, _, time, _ in rows)
        assert all(set(items).isdisjoint(histories_of(split)[user]) for user, items in wanted_of(split))
