"""Validation: the protocol once more, inside what may be learnt from, and what is done where that is too little."""

from plait.evaluation.peers.item_knn import SETTINGS, ItemKnn
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.runs import Runs
from plait.evaluation.splitters import last_liked
from plait.evaluation.validation import validation_of
from tests.plait.evaluation.logs import Event, checkerboard, log_of


def test_every_protocol_is_applied_twice() -> None:
    rows: list[Event] = [
        (f"u{user}", f"i{(user * 5 + step * (1 + user % 3)) % 50}", float(60 * step + user), 1.0)
        for user in range(30)
        for step in range(30)
    ]
    for name, split_by in SPLITTERS.items():
        outer = split_by(log_of(rows), 0)[0]
        inner = validation_of(outer, split_by)
        assert (inner.name, len(inner) > 0) == (name, True)
        assert len(inner.learnt.users) < len(outer.learnt.users)


def test_global_time_chooses_before_the_first_cut() -> None:
    rows: list[Event] = [
        (f"u{user}", f"i{(user + step) % 50}", float(60 * step + user), 1.0) for user in range(30) for step in range(30)
    ]
    splits = SPLITTERS["global-time"](log_of(rows), 0)
    inner = validation_of(splits[0], SPLITTERS["global-time"])
    first_cut = min(time for _, _, time, _ in rows if time > splits[0].learnt.times.max())
    assert inner.part == "cut 5"
    assert inner.learnt.times.max() < first_cut
    learnt = set(zip(splits[0].learnt.users.tolist(), splits[0].learnt.items.tolist(), strict=True))
    asked = zip(inner.users[inner.target_owners].tolist(), inner.targets.tolist(), strict=True)
    assert set(asked) <= learnt


def test_too_few_users_are_parted_by_last_liked() -> None:
    rows: list[Event] = [("ann", f"i{step}", float(step), 1.0) for step in range(40)]
    rows += [("bob", f"i{step}", float(step), 1.0) for step in range(40)]
    outer = SPLITTERS["cold-users"](log_of(rows), 0)[0]
    assert validation_of(outer, SPLITTERS["cold-users"]).name == "last-liked"


def test_nobody_at_all_leaves_the_first_settings() -> None:
    rows: list[Event] = [("ann", item, float(time), 1.0) for time, item in enumerate("abcde")]
    outer = last_liked(log_of(rows), 0)
    inner = validation_of(outer, SPLITTERS["last-liked"])
    assert len(inner) == 0
    assert Runs().choose(ItemKnn(), inner, seed=0).settings == SETTINGS[0]


def test_the_validation_of_a_checkerboard_is_the_nested_split() -> None:
    outer = last_liked(checkerboard(), 2)
    assert validation_of(outer, SPLITTERS["last-liked"]).fingerprint == last_liked(outer.learnt, 2).fingerprint
