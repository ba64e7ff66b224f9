"""Splitters: hand-computed splits, a slow reference, and what must not matter."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.errors import BadData
from plait.evaluation.protocols import splitter
from plait.evaluation.salted import salted
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked, leave_last_out, random_per_user
from tests.plait.evaluation import logs
from tests.plait.evaluation.logs import Event, histories_of, learnt_by, log_of, targets_of

BY_USER = ("last-liked", "leave-last-out", "random")

BY_HAND: list[Event] = [
    ("ann", "a", 1, 1.0), ("ann", "b", 2, -1.0), ("ann", "c", 3, 1.0), ("ann", "d", 4, 1.0), ("ann", "e", 5, 0.0),
    ("bob", "a", 1, 1.0), ("bob", "b", 2, 1.0),
    ("cyd", "a", 1, -1.0), ("cyd", "b", 2, -1.0), ("cyd", "c", 3, 0.0), ("cyd", "d", 4, -1.0), ("cyd", "e", 5, -1.0),
    ("dan", "e", 1, 1.0), ("dan", "a", 2, -1.0), ("dan", "b", 3, -1.0), ("dan", "c", 4, 0.0), ("dan", "d", 5, 0.0),
]  # fmt: skip


def test_last_liked_by_hand() -> None:
    split = last_liked(log_of(BY_HAND), 0)
    # bob has too few events, cyd likes nothing, dan's liking has no history before it.
    assert targets_of(split) == {"ann": "d"}
    assert histories_of(split) == {"ann": ["a", "b", "c"]}
    assert split.histories.now.tolist() == [3.0]
    learnt = learnt_by(split)
    assert ("ann", "d") not in learnt
    assert ("ann", "e") not in learnt
    assert len(learnt) == 3 + 2 + 5 + 5


def test_leave_last_out_by_hand() -> None:
    split = leave_last_out(log_of(BY_HAND), 0)
    assert targets_of(split) == {"ann": "e", "cyd": "e", "dan": "d"}
    assert histories_of(split)["ann"] == ["a", "b", "c", "d"]


def test_random_keeps_what_came_after() -> None:
    split = random_per_user(log_of(BY_HAND), 0)
    assert set(targets_of(split)) == {"ann", "dan"}
    assert targets_of(split)["dan"] == "e"
    assert histories_of(split)["dan"] == ["a", "b", "c", "d"]
    assert len(histories_of(split)["ann"]) == 4


def test_random_draws_every_liking_sooner_or_later() -> None:
    drawn = {targets_of(random_per_user(log_of(BY_HAND), salt))["ann"] for salt in range(30)}
    assert drawn == {"a", "c", "d"}


def test_fewer_events_may_be_asked_for() -> None:
    assert set(targets_of(last_liked(log_of(BY_HAND), 0, least_events=2))) == {"ann", "bob"}


def test_ties_are_ordered_by_the_salted_hash_of_user_and_item() -> None:
    rows: list[Event] = [("ann", item, 1.0, 1.0) for item in "abcdef"]
    for salt in range(5):
        expected = sorted("abcdef", key=lambda item: salted(salt, [f"ann\x1f{item}"])[0])
        split = last_liked(log_of(rows), salt)
        assert targets_of(split) == {"ann": expected[-1]}
        assert histories_of(split) == {"ann": expected[:-1]}


def test_salts_differ_where_times_tie() -> None:
    rows: list[Event] = [("ann", f"i{number}", 1.0, 1.0) for number in range(30)]
    assert len({targets_of(last_liked(log_of(rows), salt))["ann"] for salt in range(5)}) > 1


def test_a_target_seen_before_is_hidden_from_the_history() -> None:
    rows: list[Event] = [
        ("ann", "x", 1, 0.2), ("ann", "a", 2, 1.0), ("ann", "b", 3, 1.0), ("ann", "c", 4, 0.0), ("ann", "x", 5, 1.0),
    ]  # fmt: skip
    split = last_liked(log_of(rows), 0)
    assert targets_of(split) == {"ann": "x"}
    assert histories_of(split) == {"ann": ["a", "b", "c"]}
    assert ("ann", "x") not in learnt_by(split)


def test_a_user_of_one_item_only_is_learnt_from_and_not_judged() -> None:
    rows: list[Event] = [("ann", "x", time, 1.0) for time in range(6)]
    rows += [("bob", item, time, 1.0) for time, item in enumerate("abcde")]
    split = last_liked(log_of(rows), 0)
    assert set(targets_of(split)) == {"bob"}
    assert learnt_by(split).count(("ann", "x")) == 6


@pytest.mark.parametrize("name", BY_USER)
def test_nobody_to_judge_is_bad_data(name: str) -> None:
    with pytest.raises(BadData, match="no user has 5 events"):
        splitter(name)(log_of([("ann", "a", 1, 1.0), ("ann", "b", 2, 1.0)]), 0)


def test_an_empty_log_is_bad_data() -> None:
    with pytest.raises(BadData, match="nothing can be judged"):
        last_liked(log_of([], item_ids=["a"]), 0)


def _slow_last_liked(rows: list[Event], salt: int) -> tuple[dict[str, str], dict[str, list[str]], int]:
    """Return targets, histories and the number of training events, user by user."""
    targets, histories, learnt = {}, {}, 0
    for user in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == user]
        mine.sort(key=lambda row: (row[2], salted(salt, [f"{row[0]}\x1f{row[1]}"])[0], row[3] > 0, row[3]))
        liked = [place for place, row in enumerate(mine) if row[3] > 0]
        target = mine[liked[-1]][1] if liked else ""
        before = [row[1] for row in mine[: liked[-1]] if row[1] != target] if liked else []
        if len(mine) >= 5 and before:
            targets[user], histories[user] = target, before
            learnt += len(before)
        else:
            learnt += len(mine)
    return targets, histories, learnt


@given(logs.events, st.integers(0, 3))
def test_last_liked_beside_the_slow_reference(rows: list[Event], salt: int) -> None:
    targets, histories, learnt = _slow_last_liked(rows, salt)
    try:
        split = last_liked(log_of(rows), salt)
    except BadData:
        assert not targets
        return
    assert targets_of(split) == targets
    assert histories_of(split) == histories
    assert len(split.train) == learnt


@pytest.mark.parametrize("name", BY_USER)
@given(rows=logs.events, shuffle=st.randoms(use_true_random=False))
def test_rows_of_users_items_and_events_do_not_matter(name: str, rows: list[Event], shuffle: Random) -> None:
    try:
        (split,) = splitter(name)(log_of(rows, item_ids=logs.ITEMS, user_ids=logs.USERS), 1)
    except BadData:
        return
    mixed, items, users = list(rows), list(logs.ITEMS), list(logs.USERS)
    for sequence in (mixed, items, users):
        shuffle.shuffle(sequence)
    (other,) = splitter(name)(log_of(mixed, item_ids=items, user_ids=users), 1)
    assert targets_of(other) == targets_of(split)
    assert histories_of(other) == histories_of(split)
    assert other.fingerprint == split.fingerprint
    assert dict(zip(other.item_ids, other.ties.tolist(), strict=True)) == dict(
        zip(split.item_ids, split.ties.tolist(), strict=True)
    )


@pytest.mark.parametrize("name", BY_USER)
@given(rows=logs.events)
def test_no_target_can_be_read_from_what_is_learnt(name: str, rows: list[Event]) -> None:
    try:
        (split,) = splitter(name)(log_of(rows), 0)
    except BadData:
        return
    learnt = set(learnt_by(split))
    assert not learnt & set(targets_of(split).items())
    assert all(target not in histories_of(split)[user] for user, target in targets_of(split).items())
    assert (np.diff(split.train.times) >= 0).all()
    assert split.train.histories().take(split.users).items.tolist() == split.histories.items.tolist()


def _split_of(rows: list[Event], salt: int = 0) -> Split:
    return last_liked(log_of(rows), salt)


def test_the_fingerprint_tells_splits_apart() -> None:
    plain = _split_of(BY_HAND).fingerprint
    assert _split_of(BY_HAND).fingerprint == plain
    assert _split_of(BY_HAND, 1).fingerprint != plain
    assert leave_last_out(log_of(BY_HAND), 0).fingerprint != plain
    assert _split_of([*BY_HAND, ("bob", "e", 3, 1.0)]).fingerprint != plain
    assert _split_of([("anna" if row[0] == "ann" else row[0], *row[1:]) for row in BY_HAND]).fingerprint != plain
    assert _split_of([(*row[:2], row[2] + 0.5, row[3]) for row in BY_HAND]).fingerprint != plain


def test_an_unknown_protocol_lists_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match="'last-likd' parts no log; expected one of last-liked, leave-last-out, random, "
    ):
        splitter("last-likd")
