"""Cold items and cold users: by hand, slow references, and what may not be learnt."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.errors import BadData
from plait.evaluation.cold_splitters import KNOWN, cold_items, cold_users
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.runner import evaluate
from plait.evaluation.salted import salted
from plait.evaluation.splits import Split
from tests.plait.evaluation import logs
from tests.plait.evaluation.logs import Event, checkerboard, histories_of, learnt_by, log_of, wanted_of


def _hidden(ids: set[str], salt: int, kind: str) -> set[str]:
    ordered = sorted(ids, key=lambda name: salted(salt, [f"cold {kind}\x1f{name}"])[0])
    return set(ordered[: max(1, round(0.2 * len(ids)))])


def _slow_items(rows: list[Event], salt: int) -> tuple[set[str], dict[str, tuple[list[str], set[str]]]]:
    """Return the hidden items, and of each judged user the history (sorted) and the targets."""
    hidden = _hidden({row[1] for row in rows}, salt, "item")
    found = {}
    for user in {row[0] for row in rows}:
        mine = [row for row in rows if row[0] == user]
        history = sorted(row[1] for row in mine if row[1] not in hidden)
        liked = {row[1] for row in mine if row[1] in hidden and row[3] > 0}
        if history and liked:
            found[user] = (history, liked)
    return hidden, found


@given(logs.events, st.integers(0, 3))
def test_cold_items_beside_the_slow_reference(rows: list[Event], salt: int) -> None:
    hidden, expected = _slow_items(rows, salt)
    try:
        split = cold_items(log_of(rows), salt)
    except BadData:
        assert not expected or len({row[1] for row in rows}) < 2
        return
    assert set(split.item_ids.ids(split.pool)) == hidden
    histories = histories_of(split)
    assert {user: (sorted(histories[user]), set(items)) for user, items in wanted_of(split)} == expected
    assert len(learnt_by(split)) == sum(row[1] not in hidden for row in rows)


def test_a_fifth_of_the_items_is_hidden_and_nothing_of_it_is_learnt() -> None:
    split = cold_items(checkerboard(), 3)
    hidden = set(split.item_ids.ids(split.pool))
    assert len(hidden) == 3
    assert hidden.isdisjoint(item for _, item in learnt_by(split))
    assert (split.pool[1:] > split.pool[:-1]).all()


def test_an_item_without_events_is_not_drawn_so_that_hiding_can_be_done_twice() -> None:
    outer = cold_items(checkerboard(), 0)
    inner = cold_items(outer.learnt, 0)
    assert set(inner.pool.tolist()).isdisjoint(outer.pool.tolist())
    assert len(inner.pool) == 3


def test_one_item_cannot_be_hidden() -> None:
    with pytest.raises(BadData, match="cold-items: the log has 1 items; some must be hidden and some left"):
        cold_items(log_of([("ann", "a", 1.0, 1.0), ("bob", "a", 1.0, 1.0)]), 0)


def test_nobody_who_likes_what_is_hidden_is_bad_data() -> None:
    with pytest.raises(BadData, match="cold-items: nobody likes any of 1 hidden items; nothing can be judged"):
        cold_items(log_of([("ann", item, 1.0, -1.0) for item in "abcde"]), 0)


def _readers(count: int, length: int) -> list[Event]:
    return [
        (f"u{user}", f"i{(user * 7 + step) % 60}", float(step), 1.0 if step % 2 else -1.0)
        for user in range(count)
        for step in range(length)
    ]


def test_cold_users_by_hand() -> None:
    rows = _readers(10, 25)
    split = cold_users(log_of(rows), 1)
    hidden = _hidden({f"u{user}" for user in range(10)}, 1, "user")
    assert list(split.groups) == [f"known {count}" for count in (0, 1, 2, 5, 10, 20)]
    assert len(split) == 6 * len(hidden) == 12
    assert hidden.isdisjoint(user for user, _ in learnt_by(split))
    assert len(learnt_by(split)) == 25 * 8
    cases, lengths = wanted_of(split), split.histories.lengths.tolist()
    for count, name in zip(KNOWN, split.groups, strict=True):
        rows_of = [case for case, inside in enumerate(split.groups[name].tolist()) if inside]
        assert [lengths[case] for case in rows_of] == [count] * 2
        for case in rows_of:
            user = int(cases[case][0][1:])
            # Steps 21 and 23 are the likings behind the twentieth event.
            assert cases[case][1] == [f"i{(user * 7 + step) % 60}" for step in (21, 23)]
            start = split.histories.offsets[case]
            known = split.item_ids.ids(split.histories.items[start : start + count])
            assert known == [f"i{(user * 7 + step) % 60}" for step in range(count)]
    assert set(split.seen.lengths.tolist()) == {20}


def test_users_without_enough_events_are_hidden_and_not_judged() -> None:
    with pytest.raises(BadData, match="cold-users: none of 2 hidden users likes anything new after the first 20"):
        cold_users(log_of(_readers(10, 20)), 0)


def test_one_user_cannot_be_hidden() -> None:
    with pytest.raises(BadData, match="cold-users: the log has 1 users"):
        cold_users(log_of(_readers(1, 30)), 0)


many = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]), st.sampled_from([f"i{number}" for number in range(40)]),
        st.integers(0, 20).map(float), st.sampled_from([-1.0, 0.5, 1.0]),
    ),
    min_size=40, max_size=120,
)  # fmt: skip


def _split(rows: list[Event], **ids: list[str]) -> Split | None:
    try:
        return cold_users(log_of(rows, **ids), 2)
    except BadData:
        return None


@settings(max_examples=50)
@given(many)
def test_cold_users_beside_the_slow_reference(rows: list[Event]) -> None:
    hidden = _hidden({row[0] for row in rows}, 2, "user")
    expected = {}
    for user in hidden:
        mine = [row for row in rows if row[0] == user]
        mine.sort(key=lambda row: (row[2], salted(2, [f"{row[0]}\x1f{row[1]}"])[0], row[3] > 0, row[3]))
        early = {row[1] for row in mine[:20]}
        if liked := {row[1] for row in mine[20:] if row[3] > 0} - early:
            expected[user] = ([row[1] for row in mine], liked)
    split = _split(rows)
    if split is None:
        assert not expected or len({row[0] for row in rows}) < 2
        return
    items, offsets = split.item_ids.ids(split.histories.items), split.histories.offsets.tolist()
    assert len(split) == 6 * len(expected)
    for case, (user, wanted) in enumerate(wanted_of(split)):
        mine_in_order, liked = expected[user]
        known = next(int(name.split()[1]) for name, inside in split.groups.items() if inside[case])
        assert items[offsets[case] : offsets[case + 1]] == mine_in_order[:known]
        assert set(wanted) == liked


@settings(max_examples=25)
@given(rows=many, shuffle=st.randoms(use_true_random=False))
def test_rows_do_not_matter(rows: list[Event], shuffle: Random) -> None:
    mixed, items, users = list(rows), sorted({row[1] for row in rows}), sorted({row[0] for row in rows})
    plain = _split(rows)
    for sequence in (mixed, items, users):
        shuffle.shuffle(sequence)
    other = _split(mixed, item_ids=items, user_ids=users)
    assert (plain is None) == (other is None)
    if plain is not None and other is not None:
        assert plain.fingerprint == other.fingerprint


def test_what_anybody_could_guess_is_no_serendipity() -> None:
    """What a case may not be shown is no guess: popularity surprises nobody, however little of them is known."""
    rng = np.random.default_rng(3)
    rows: list[Event] = [
        (f"u{user}", f"i{int(item)}", float(moment), 1.0)
        for user in range(60)
        for moment, item in enumerate(rng.permutation(60)[:40])
    ]
    log = log_of(rows, item_ids=[f"i{number}" for number in range(60)])
    results = evaluate(log, "cold-users", [Popularity()], seeds=1, cuts=(5,))
    assert results.models["popularity"]["hit@5"]["mean"] > 0
    assert results.models["popularity"]["serendipity@5"]["mean"] == 0.0
