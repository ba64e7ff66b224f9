"""Users merged on login: every process answers as if the user had done it all, and nothing counts twice."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.errors import WrongCall
from plait.flows.exposures import feedback
from plait.flows.users_like import held_tastes
from plait.live import Live
from plait.recommender import Recommender
from plait.rules.item_log import ItemLog
from plait.workspace import Workspace
from ranker.followings import Reach
from tests.plait import toy

Row = dict[str, str]
ITEMS = st.sampled_from([row["item_id"] for row in toy.items()])
ROWS = st.builds(
    lambda user, item, event, minute, name: {
        "user_id": user, "item_id": item, "event": event, "timestamp": str(toy.START + 60 * minute),
        **({"event_id": f"e{name}"} if name else {}),
    },
    st.sampled_from(["visitor", "user-0"]), ITEMS, st.sampled_from(["like", "view", "purchase"]),
    st.integers(0, 10**6), st.integers(0, 3),
)  # fmt: skip
FIXTURE = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def history(workspace: Workspace, user_id: str) -> list[tuple[float, str, str]]:
    found = workspace.store.recent_interactions([user_id], 10_000)[user_id]
    return [(one.timestamp, one.item_id, one.event) for one in found]


def test_rules_count_who_has_logged_in_once(own: Path) -> None:
    recommender = Recommender.open(own)
    log = ItemLog(Workspace.open(own))
    row = {"user_id": "visitor", "item_id": "space-1", "timestamp": str(toy.START)}
    recommender.record([row | {"event": "view", "value": "600"}, row | {"event": "purchase", "value": "9"}])
    log.deeds(["space-1"])
    recommender.merge_user("visitor", "somebody")
    now, anew = log.deeds(["space-1"]), ItemLog(Workspace.open(own)).deeds(["space-1"])
    for name in ("people", "clickers", "buyers", "minutes"):
        assert getattr(now, name).tolist() == getattr(anew, name).tolist(), name


@FIXTURE
@given(st.lists(ROWS, min_size=1, max_size=12))
def test_a_history_is_that_of_both_by_time_and_sending_again_adds_nothing(own: Path, rows: list[Row]) -> None:
    recommender, workspace = Recommender.open(own), Workspace.open(own)
    recommender.record(rows)
    mine, other = history(workspace, "visitor"), history(workspace, "user-0")
    named = {one.event_id for batch in workspace.store.events() for one in batch}
    assert recommender.merge_user("visitor", "user-0") == len(mine)
    assert history(workspace, "visitor") == []
    merged = history(workspace, "user-0")
    assert sorted(merged) == sorted(mine + other)
    assert [row[0] for row in merged] == sorted(row[0] for row in mine + other)
    assert {one.event_id for batch in workspace.store.events() for one in batch} == named
    assert recommender.record(rows).accepted == 0
    assert recommender.merge_user("visitor", "user-0") == 0


def test_who_followed_knows_what_a_new_process_reads(trained: Path) -> None:
    recommender = Recommender.open(trained)
    recommender.add_items([{"item_id": "new", "title": "Ink", "description": "for pens"}])
    (slate,) = recommender.recommend(["visitor"], limit=4, log_exposure=True)
    answer = {"user_id": "visitor", "recommendation_id": slate.recommendation_id, "event": "like"}
    followed = Live(Workspace.open(trained))
    recommender.record([{"user_id": "visitor", "item_id": "new", "event": "purchase"}])
    recommender.record([answer | {"item_id": slate.items[1].item_id}])
    before = _known(followed)
    assert recommender.merge_user("visitor", "user-1") == 2
    assert _known(followed) == _known(Live(Workspace.open(trained)))
    assert _known(followed) != before
    found = feedback(Workspace.open(trained))
    assert found.user_ids == ("user-1",)
    assert found.clicked.tolist() == [False, True, False, False]


def _known(live: Live) -> dict[str, object]:
    """Return all that a process holds of the log."""
    moment = live.refresh()
    times, tastes = live.shown.times(moment.index), held_tastes(live, moment)
    names, found = live.liked.followings("new", Reach(), bought=False, support=1)
    alive = tastes.lengths > 0
    return {
        "first": np.asarray(moment.items.cold).round(5).tolist(),
        "shown": [times.found.tolist(), times.shown.tolist(), times.clicked.tolist()],
        "liked": (names, found.support.tolist()),
        "tastes": {
            user_id: (factors.round(5).tolist(), length)
            for user_id, factors, length, known in zip(
                tastes.user_ids, tastes.factors, tastes.lengths.tolist(), alive.tolist(), strict=True
            )
            if known
        },
    }


@pytest.mark.parametrize(("anonymous_id", "user_id"), [("", "user-0"), ("visitor", " "), ("user-0", "user-0")])
def test_two_users_are_needed(own: Path, anonymous_id: str, user_id: str) -> None:
    with pytest.raises(WrongCall, match=r"expected (an id|two users)"):
        Recommender.open(own).merge_user(anonymous_id, user_id)
