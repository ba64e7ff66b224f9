"""The learner: what the stream says is in the answers of every process, once it is judged, and never twice."""

from pathlib import Path

import numpy as np
import pytest

from plait import snapshot
from plait.errors import BadData
from plait.flows.check import check
from plait.flows.learner import Learner
from plait.flows.repair import repair
from plait.flows.restore import restore
from plait.flows.stream_examples import KNOWN, told_by
from plait.live import Live
from plait.online_files import read_online
from plait.recommender import Recommender
from plait.records import Event, Exposure
from plait.workspace import LEARNER, Workspace
from tests.plait import toy
from tests.plait.flows.keeping import flip, publish_again, scores
from tests.plait.flows.streams import liking, record, rounds


def test_what_was_learnt_is_in_the_answers_of_an_open_process(own: Path) -> None:
    recommender = Recommender.open(own)
    before, users = recommender.recommend("user-1", limit=30, include_seen=True), list(toy.USERS)
    record(own, liking(range(40)))
    frozen = scores(recommender, users)
    done = list(rounds(own))
    assert sum(each.events for each in done) == 480
    assert sum(each.learnt + each.held + sum(each.capped.values()) for each in done) <= 480
    assert sum(each.learnt for each in done) > 200
    after = recommender.recommend("user-1", limit=30, include_seen=True)
    assert before.model == "index 1, model 1"
    assert after.model.startswith("index 1, model 1, online ")
    assert scores(recommender, users) != frozen
    for item in after.items:
        assert 1 / (1 + np.exp(-sum(item.parts.values()))) == pytest.approx(item.score, abs=1e-6)
    assert scores(Recommender.open(own), users) == scores(recommender, users)


def test_a_learner_that_begins_goes_on_where_another_stopped(own: Path) -> None:
    record(own, liking(range(30)))
    first = list(rounds(own))
    record(own, liking(range(30, 40)))
    assert next(iter(rounds(own))).events == 120
    assert first[-1].sequence == Workspace.open(own).store.sequence() - 120
    assert list(rounds(own)) == []


def test_without_anybody_to_judge_nothing_counts(own: Path) -> None:
    record(own, liking(range(4)))
    done = list(rounds(own))
    assert [each.learnt for each in done] == [0]
    assert done[0].verdict is None
    assert snapshot.current_number(own / "online") is None
    record(own, liking(range(4, 40)))
    assert next(iter(rounds(own))).events == 256


def poison(turns: range) -> list[Event]:
    """Return the events of users who like a whole family, and then, all of them, three items of gardening."""
    events = liking(turns)
    spam = [event for event in events if int(event.event_id.split("-")[1]) < 6]
    for turn in turns:
        for step in range(3):
            moment = toy.START + 1e6 + 1_000.0 * turn + 20 + step
            spam.append(Event(f"new-{turn}", f"gardening-{step}", moment, "like", event_id=f"spam-{turn}-{step}"))
    return spam


def test_what_is_poisoned_is_refused_and_said(own: Path) -> None:
    toml = own / "plait.toml"
    # So fast that a single round does harm that a few likings show.
    text = toml.read_text(encoding="utf-8").replace("[learning]", "[learning]\nbias_rate = 2.0\nper_item = 1.0\n#")
    toml.write_text(text, encoding="utf-8")
    record(own, liking(range(40)))
    list(rounds(own))
    clean = read_online(snapshot.read(own / "online", snapshot.current_number(own / "online") or 0).path)
    record(own, [event for event in poison(range(100, 160)) if event.item_id.split("-")[0] in {"gardening", "cooking"}])
    done = list(rounds(own))
    assert done[0].refused or done[0].afresh
    found = snapshot.current(own / "online")
    assert found is not None
    assert found.details["refusals"]
    assert found.sequence == Workspace.open(own).store.sequence()
    if all(each.refused for each in done):
        assert np.array_equal(read_online(found.path).online.items, clean.online.items)


def test_another_model_has_learnt_nothing_yet(own: Path) -> None:
    record(own, liking(range(40)))
    list(rounds(own))
    recommender = Recommender.open(own)
    assert "online" in recommender.recommend("user-1").model
    publish_again(own)
    assert recommender.recommend("user-1").model == "index 1, model 2"
    # It was trained on what the first was: all that came after is there to learn.
    assert sum(each.events for each in rounds(own)) == 480
    assert recommender.recommend("user-1").model.startswith("index 1, model 2, online ")
    recommender.rollback()
    assert recommender.recommend("user-1").model == "index 1, model 1"


def test_new_items_learn_too_and_removed_ones_are_gone(own: Path) -> None:
    recommender = Recommender.open(own)
    record(own, liking(range(40)))
    list(rounds(own))
    with Workspace.open(own).store.write() as change:
        change.remove_items(["space-0"])
    record(own, liking(range(40, 50)))
    assert sum(each.events for each in rounds(own)) == 120
    learnt = read_online(snapshot.read(own / "online", snapshot.current_number(own / "online") or 0).path)
    assert "space-0" not in learnt.item_ids
    assert "space-0" not in {item.item_id for item in recommender.recommend("user-1", limit=30).items}


def test_broken_files_are_as_good_as_nothing_learnt(own: Path) -> None:
    record(own, liking(range(40)))
    list(rounds(own))
    found = snapshot.current(own / "online")
    assert found is not None
    (found.path / "names.json").write_text("{", encoding="utf-8")
    recommender = Recommender.open(own)
    assert recommender.recommend("user-1").model == "index 1, model 1"
    assert sum(each.events for each in rounds(own)) == 480
    assert "online" in recommender.recommend("user-1").model


def test_broken_files_are_named_and_set_aside(own: Path) -> None:
    record(own, liking(range(40)))
    list(rounds(own))
    found = snapshot.current(own / "online")
    assert found is not None
    assert check(own) == []
    flip(found.path / "online.safetensors")
    assert check(own) == [f"{found.path / 'online.safetensors'} does not match its checksum"]
    left, mended = repair(own)
    assert left == []
    assert any("learnt anew" in line for line in mended)
    assert sum(each.events for each in rounds(own)) == 480
    assert check(own) == []


def test_a_backup_holds_what_was_learnt(own: Path, tmp_path: Path) -> None:
    record(own, liking(range(40)))
    list(rounds(own))
    Recommender.open(own).backup(tmp_path / "backup.tar")
    restore(tmp_path / "backup.tar", tmp_path / "restored")
    users = list(toy.USERS)
    assert scores(Recommender.open(tmp_path / "restored"), users) == scores(Recommender.open(own), users)
    assert list(rounds(tmp_path / "restored")) == []


def test_one_process_learns(own: Path) -> None:
    workspace = Workspace.open(own)
    with workspace.store.lease(LEARNER), pytest.raises(BadData, match="another process learns"):
        Learner(Live(Workspace.open(own))).round()


def test_nothing_is_learnt_before_a_training(built: Path) -> None:
    record(built, liking(range(3)))
    assert list(rounds(built)) == []


def test_no_user_is_named_in_what_is_published(own: Path) -> None:
    record(own, liking(range(40)))
    list(rounds(own))
    for path in (own / "online").rglob("*"):
        assert not path.is_file() or b"new-7" not in path.read_bytes()


def test_what_was_learnt_stays_when_somebody_is_erased(own: Path) -> None:
    record(own, liking(range(40)))
    list(rounds(own))
    recommender, others = Recommender.open(own), ["user-1", "user-2"]
    before = scores(recommender, others)
    for user_id in ("user-3", "user-4"):
        recommender.erase(user_id)
        after = scores(recommender, others)
        assert "online" in recommender.recommend("user-1").model
        for user_id in others:
            assert after[user_id] == pytest.approx(before[user_id], abs=1e-6)
    assert [model["online"] is None for model in recommender.models()] == [False]
    record(own, liking(range(40, 50)))
    assert sum(each.events for each in rounds(own)) == 120


def test_what_came_before_is_known_and_what_came_later_is_not(own: Path) -> None:
    live = Live(Workspace.open(own))
    record(own, liking(range(1)))
    again = Event("new-0", "cooking-0", toy.START + 2e6, "click", event_id="again")
    record(own, [again, Event("new-0", "gone", toy.START + 2e6 + 1, "like", event_id="unknown")])
    moment = live.refresh()
    events = live.workspace.store.stream_after(0, limit=1_000)
    mine = [one for one in told_by(moment, events) if one.event.user_id == "new-0"]
    assert [len(one.before) for one in mine] == list(range(12))
    assert [one.event.interaction.item_id for one in mine[:2]] == ["cooking-0", "cooking-1"]
    assert KNOWN < 12


def test_an_event_has_the_propensity_of_the_slate_it_answers(own: Path) -> None:
    store = Workspace.open(own).store
    with store.write() as change:
        change.add_exposures(
            [Exposure("slate", "user-1", toy.START + 1e6, "epsilon:2", ("space-1", "space-2"), (1.0, 0.05))]
        )
    begun = store.sequence()

    def event(user: str, item: str, slate: str, name: str) -> Event:
        return Event(
            user, item, toy.START + 1e6 + 5, name, event_id=f"{user}{item}{slate}{name}", recommendation_id=slate
        )

    store.record(
        [
            event("user-1", "space-2", "slate", "click"), event("user-1", "space-3", "slate", "click"),
            event("user-2", "space-2", "slate", "click"), event("user-1", "space-1", "", "click"),
            event("user-1", "space-1", "slate", "impression"),
        ]
    )  # fmt: skip
    assert [one.propensity for one in store.stream_after(begun, limit=9)] == [0.05, None, None, None]
    assert len(store.stream_after(begun, limit=2)) == 2
    assert [one.propensity for one in store.stream_before(begun + 1, after=begun, limit=9)] == [0.05]
