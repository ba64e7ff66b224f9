"""LikedLog: a process that has followed the log knows what one knows that begins now."""

from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.liked_log import LikedLog
from plait.recommender import Recommender
from plait.workspace import Workspace
from ranker.followings import Likings

EVENTS = ["like", "purchase", "view", "skip", "impression", "dislike"]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from(["user-0", "user-1", "ada"]),
            "item_id": st.sampled_from(["space-0", "space-1", "cooking-0"]),
            "event": st.sampled_from(EVENTS),
            "timestamp": st.integers(1_600_000_000, 1_600_000_009).map(str),
        }
    ),
    max_size=4,
)


def entries(log: LikedLog, likings: Likings) -> list[tuple[str, float]]:
    """Return what is held user by user, by names."""
    names = log.item_ids()
    return [(names[item], time) for item, time in zip(likings.items.tolist(), likings.times.tolist(), strict=True)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=3))
def test_who_followed_knows_what_a_new_one_reads(own: Path, batches: list[list[dict[str, str]]]) -> None:
    recommender, followed = Recommender.open(own), LikedLog(Workspace.open(own))
    for batch in batches:
        followed.likings(bought=False)
        if batch:
            recommender.record(batch)
        for bought in (False, True):
            new = LikedLog(Workspace.open(own))
            mine, theirs = followed.likings(bought=bought), new.likings(bought=bought)
            assert entries(followed, mine) == entries(new, theirs)
            np.testing.assert_array_equal(mine.offsets, theirs.offsets)
            np.testing.assert_array_equal(mine.users_of, theirs.users_of)


def test_purchases_alone_where_there_is_any(own: Path) -> None:
    log = LikedLog(Workspace.open(own))
    everything = len(log.likings(bought=False).items)
    assert everything == 60
    assert len(log.likings(bought=True).items) == everything
    row = {"user_id": "ada", "item_id": "space-3", "event": "purchase", "timestamp": "1700000000"}
    Recommender.open(own).record([row, row | {"event": "dislike"}, row | {"event": "impression"}])
    assert len(log.likings(bought=False).items) == everything + 1
    assert entries(log, log.likings(bought=True)) == [("space-3", 1_700_000_000.0)]
    assert log.row("space-3") >= 0
    assert log.row("nowhere") == -1
