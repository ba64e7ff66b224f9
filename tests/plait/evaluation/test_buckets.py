"""Buckets by hand."""

import numpy as np

from plait.evaluation.buckets import HISTORIES, TARGETS, buckets, target_buckets
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import Event, checkerboard, log_of, targets_of


def _reader(user_id: str, items: list[str]) -> list[Event]:
    return [(user_id, item, float(time), 1.0) for time, item in enumerate(items)]


def test_targets_are_parted_by_how_often_they_were_met() -> None:
    # Met: hit 10, good 4, a to d 3 each, also 2, rare 1, new 0; 29 in all, so that thirds end at 9.7 and 19.3.
    events = _reader("ann", [*"abcd", "hit"]) + _reader("bob", [*"abcd", "good"]) + _reader("cyd", [*"abcd", "rare"])
    events += _reader("dan", ["also", "good", "also", "good", "new"])
    for number in range(10):
        events += _reader(f"fan-{number}", ["hit"])
    for number in range(2):
        events += _reader(f"few-{number}", ["good", "rare"] if number else ["good"])
    split = last_liked(log_of(events), 0)
    targets, masks = targets_of(split), target_buckets(split)
    found = {
        targets[user]: name
        for name in TARGETS
        for user, inside in zip(split.user_ids.ids(split.users), masks[name], strict=True)
        if inside
    }
    assert found == {"hit": "target head", "good": "target middle", "rare": "target tail", "new": "target new"}


def test_everybody_is_in_one_bucket_of_each_kind() -> None:
    split = last_liked(checkerboard(), 0)
    for names, masks in ((HISTORIES, buckets(split)), (TARGETS, target_buckets(split))):
        assert np.sum([masks[name] for name in names], axis=0).tolist() == [1] * len(split)


def test_histories_are_parted_at_their_bounds() -> None:
    events: list[Event] = []
    for length in (20, 21, 100, 101):
        events += _reader(f"reader-{length}", [f"i{number}" for number in range(length + 1)])
    split = last_liked(log_of(events), 0)
    masks = buckets(split)
    assert split.histories.lengths.tolist() == [20, 21, 100, 101]
    assert [masks[name].tolist() for name in HISTORIES] == [
        [False] * 4, [True, False, False, False], [False, True, True, False], [False, False, False, True],
    ]  # fmt: skip
