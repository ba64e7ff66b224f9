"""LikedLog: a process that has followed the log counts what one counts that reads and sorts all of it now."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.errors import BadData
from plait.event_weights import is_positive
from plait.liked_log import LikedLog
from plait.recommender import Recommender
from plait.records import Interaction
from plait.workspace import Workspace
from ranker.followings import Reach, followings
from ranker.likings import NO_SESSION, Likings

EVENTS = ["like", "purchase", "view", "skip", "impression", "dislike"]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from(["user-0", "user-1", "ada"]),
            "item_id": st.sampled_from(["space-0", "space-1", "cooking-0"]),
            "event": st.sampled_from(EVENTS),
            "timestamp": st.integers(1_600_000_000, 1_600_000_009).map(str),
            "session_id": st.sampled_from(["", "morning", "evening"]),
        }
    ),
    max_size=4,
)


REACHES = [Reach(places=1), Reach(seconds=3.0), Reach(seconds=1.0, in_session=True)]
Counted = tuple[list[str], list[int], list[float]]


def counted(log: LikedLog, item_id: str, reach: Reach, *, bought: bool) -> Counted:
    """Return what follows an item, by ids in alphabetical order."""
    names, found = log.followings(item_id, reach, bought=bought, support=1)
    rows = sorted(zip(names, found.support.tolist(), found.expected.tolist(), strict=True))
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def sorted_anew(folder: Path, *, bought: bool) -> tuple[list[str], Likings]:
    """Return the ids of all liked items of a workspace, and the likings, read at once and sorted by time."""
    workspace = Workspace.open(folder)
    events = [event for batch in workspace.store.events() for event in batch]
    liked = [one for one in events if is_positive(one.event, one.value, workspace.config.events)]
    purchases = [one for one in liked if one.event == "purchase"]
    chosen = sorted(purchases if bought and purchases else liked, key=lambda one: one.timestamp)
    users, items, sessions = (
        sorted({getattr(one, name) for one in chosen}) for name in ("user_id", "item_id", "session_id")
    )
    likings = Likings()
    for one in chosen:
        session = sessions.index(one.session_id) if one.session_id else NO_SESSION
        likings.add(users.index(one.user_id), items.index(one.item_id), one.timestamp, session)
    return items, likings


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=3))
def test_who_followed_counts_as_who_sorts_everything_anew(own: Path, batches: list[list[dict[str, str]]]) -> None:
    recommender, followed = Recommender.open(own), LikedLog(Workspace.open(own))
    for batch in batches:
        followed.followings("space-0", REACHES[0], bought=False, support=1)
        if batch:
            recommender.record(batch)
        new = LikedLog(Workspace.open(own))
        for bought in (False, True):
            items, likings = sorted_anew(own, bought=bought)
            for item_id, reach in product(("space-0", "space-1", "cooking-0"), REACHES):
                mine = counted(followed, item_id, reach, bought=bought)
                assert mine == counted(new, item_id, reach, bought=bought)
                found = followings(likings, items.index(item_id) if item_id in items else -1, reach)
                names = [items[item] for item in found.items.tolist()]
                assert mine[:2] == (names, found.support.tolist())
                assert mine[2] == pytest.approx(found.expected.tolist())


def test_a_store_that_breaks_off_is_read_anew(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace.open(own)
    log, whole = LikedLog(workspace), LikedLog(Workspace.open(own))
    told = list(workspace.store.interactions_in_sessions(0))

    def broken(*_: object, **__: object) -> Iterator[tuple[str, str, Interaction]]:
        yield from told[:30]
        raise BadData("the disk cannot be read")

    with monkeypatch.context() as patch:
        patch.setattr(workspace.store, "interactions_in_sessions", broken)
        with pytest.raises(BadData):
            counted(log, "space-0", REACHES[0], bought=False)
    for reach in REACHES:
        assert counted(log, "space-0", reach, bought=False) == counted(whole, "space-0", reach, bought=False)


def test_purchases_alone_where_there_is_any(own: Path) -> None:
    log, anything = LikedLog(Workspace.open(own)), Reach()
    liked = log.followings("space-0", anything, bought=False, support=1)[0]
    assert liked
    assert log.followings("space-0", anything, bought=True, support=1)[0] == liked
    row = {"user_id": "ada", "item_id": "space-0", "event": "purchase", "timestamp": "1700000000"}
    bought = [row, row | {"item_id": "sailing-5"}, row | {"item_id": "sailing-4", "event": "dislike"}]
    Recommender.open(own).record(bought)
    assert set(log.followings("space-0", anything, bought=False, support=1)[0]) == {*liked, "sailing-5"}
    assert log.followings("space-0", anything, bought=True, support=1)[0] == ["sailing-5"]
    assert log.followings("space-0", anything, bought=True, support=2)[0] == []
    assert log.followings("nowhere", anything, bought=True, support=1)[0] == []
