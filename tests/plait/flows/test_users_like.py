"""Users of alike taste: against cosines taken one by one, itself left out, and what is recorded is heard."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from plait.flows import users_like as flow
from plait.flows.learner import Learner
from plait.flows.recommend import askers, user_side
from plait.live import Live
from plait.moment import Moment
from plait.recommender import Recommender
from plait.records import Event, Interaction
from plait.workspace import Workspace
from ranker.interactions import Floats, Rows
from tests.plait import toy


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    return float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))


def test_scores_are_the_cosines_of_cf(own_once: Path) -> None:
    live = Live(Workspace.open(own_once))
    moment = live.refresh()
    factors = {who.user_id: user_side(moment, [who]).factors[0] for who in askers(live, toy.USERS)}
    answer = Recommender.open(own_once).users_like("user-5", limit=50)
    assert {user.user_id for user in answer.items} == set(toy.USERS) - {"user-5"}
    for user in answer.items:
        assert user.score == pytest.approx(cosine(factors["user-5"], factors[user.user_id]), abs=1e-5)
        assert user.parts == pytest.approx({"cf": user.score, "content": 0.0})
    scores = [user.score for user in answer.items]
    assert scores == sorted(scores, reverse=True)
    assert {user.user_id for user in answer.items[:2]} == {"user-1", "user-9"}
    assert (answer.user_id, answer.notes) == ("user-5", ())


def test_before_training_content_speaks(built_once: Path) -> None:
    answer = Recommender.open(built_once).users_like("user-5", limit=2)
    assert {user.user_id for user in answer.items} == {"user-1", "user-9"}
    assert all(user.parts["cf"] == 0 and user.score == user.parts["content"] > 0 for user in answer.items)


def test_pages_are_parts_of_one_list(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    whole = recommender.users_like("user-5", limit=50).items
    pages = [
        user for offset in range(0, 12, 4) for user in recommender.users_like("user-5", limit=4, offset=offset).items
    ]
    assert pages == list(whole)
    assert [user.rank for user in whole] == list(range(1, 12))


def test_an_unknown_user_is_no_error(own: Path) -> None:
    recommender = Recommender.open(own)
    row = {"item_id": "space-0", "event": "like"}
    recommender.record(
        [{**row, "user_id": "busy", "timestamp": str(toy.START + second)} for second in range(20)]
        + [{**row, "user_id": "shown", "event": "impression", "timestamp": str(toy.START)}]
    )
    for user in ("stranger", "shown"):
        answer = recommender.users_like(user, limit=30)
        assert answer.notes == (f"user {user!r} has no events: the users with the most events are shown",)
        assert answer.items[0].user_id == "busy"
        assert len(answer.items) == 13
        assert {one.score for one in answer.items} == {0.0}


def test_what_is_recorded_is_heard_as_by_a_new_process(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "USERS_AT_ONCE", 5)
    recommender, writer = Recommender.open(own), Recommender.open(own)
    assert "ada" not in {user.user_id for user in recommender.users_like("user-2", limit=50).items}
    rows = [
        {"user_id": user, "item_id": f"space-{number}", "event": "like", "timestamp": str(toy.START + 10**6 + number)}
        for user in ("ada", "user-1")
        for number in range(4)
    ]
    writer.record(rows)
    followed = recommender.users_like(["user-2", "user-1"], limit=50)
    assert followed == Recommender.open(own).users_like(["user-2", "user-1"], limit=50)
    assert "ada" in {user.user_id for user in followed[0].items[:4]}
    writer.remove_items(["space-0"])
    assert recommender.users_like("user-2", limit=50) == Recommender.open(own).users_like("user-2", limit=50)


def test_what_is_learnt_online_folds_no_taste_anew(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    families, fold = list(toy.FAMILIES), flow._folded
    recommender, workspace = Recommender.open(own), Workspace.open(own)
    folded: list[int] = []

    def counted(moment: Moment, events: Sequence[Sequence[Interaction]]) -> tuple[Floats, Floats, Rows]:
        folded.append(len(events))
        return fold(moment, events)

    monkeypatch.setattr(flow, "_folded", counted)
    workspace.store.record(
        [
            Event(f"new-{turn}", f"{families[(turn + step // 6) % 4]}-{(turn + step) % 6}",
                  toy.START + 1e6 + 1_000.0 * turn + step, "like", event_id=f"{turn}-{step}")
            for turn in range(40)
            for step in range(12)
        ]
    )  # fmt: skip
    before = recommender.users_like("user-2", limit=50)
    assert sum(folded) == len(toy.USERS) + 40
    learner = Learner(Live(workspace))
    while learner.round() is not None:
        pass
    after = recommender.users_like("user-2", limit=50)
    assert (before.model, after.model[:24]) == ("index 1, model 1", "index 1, model 1, online")
    assert after.items == before.items
    assert sum(folded) == len(toy.USERS) + 40
    assert after == Recommender.open(own).users_like("user-2", limit=50)
