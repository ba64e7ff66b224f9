"""First events: a new item moves from what content tells to what its first users say, whoever has followed."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait import first_events
from plait.event_weights import event_weight
from plait.flows import candidates
from plait.flows.candidates import candidate_rows
from plait.flows.recommend import askers, user_side
from plait.history import histories_of
from plait.live import Live
from plait.raw_vectors import item_features
from plait.recommender import Recommender
from plait.records import Event
from plait.workspace import Workspace
from ranker.interactions import Floats
from ranker.overlaid import Overlaid
from ranker.warm_up import PATIENCE
from tests.copying import copied
from tests.plait import toy
from tests.plait.test_live import publish, put

SPACE = toy.vectors()[13]
SAILORS, STARGAZERS = ["user-1", "user-5", "user-9"], ["user-2", "user-6", "user-10"]
NEW = ["new-0", "new-1", "new-2"]


def tell(workspace: Workspace, *events: tuple[str, str, str]) -> None:
    """Record events of (user, item, type), a second apart, behind all before."""
    begun = workspace.store.sequence()
    with workspace.store.write() as change:
        change.record(
            Event(user, item, toy.START + 1e6 + begun + step, event, event_id=f"{begun}-{step}")
            for step, (user, item, event) in enumerate(events)
        )


def cold_of(live: Live, item_id: str) -> Floats:
    moment = live.refresh()
    return np.asarray(moment.items.cold[moment.index.rows([item_id])[0]])


def told_of(workspace: Workspace, item_id: str) -> Floats:
    """Return what content alone tells of an item of the store."""
    models = Live(workspace).refresh().models
    stored = workspace.store.items_by_id([item_id])[item_id]
    assert models.ranker.cold is not None
    features = item_features(workspace, [stored], models.features, models.types)
    return np.asarray(models.ranker.cold.items(features)[0])


def slow(workspace: Workspace, item_id: str) -> Floats:
    """Return what content and events make of an item, by the formula, from a log in which all of its are new."""
    models, config, told = Live(workspace).refresh().models, workspace.config, told_of(workspace, item_id)
    cold, met = models.ranker.cold, models.ranker.items.met
    assert cold is not None
    said: dict[str, float] = {}
    for event in (event for batch in workspace.store.events() for event in batch if event.item_id == item_id):
        if event.event != "impression":
            weight = event_weight(event.event, event.value, config.events)
            said[event.user_id] = max(weight, said.get(event.user_id, weight))
    total, heard, warm = np.zeros(len(told) - 1), 0.0, cold.warm_up
    for user, weight in said.items():
        events = workspace.store.recent_interactions([user], config.recommend.history)[user]
        rows = models.item_ids.rows([event.item_id for event in events]).tolist()
        known = np.asarray([row if row >= 0 and met[row] else -1 for row in rows], dtype=np.int64)
        taste = cold.users(histories_of([events], [known], config))[0, :-1]
        total += max(1.0 + weight, 0.0) * taste
        heard += max(1.0 + weight, 0.0) if taste.any() else 0.0
    reached = warm.reach * np.sqrt(max(float(np.expm1(told[-1])), 1.0)) * total
    better = sum(weight - warm.usual for weight in said.values()) / (PATIENCE + len(said))
    tastes = (warm.holds * told[:-1] + reached) / (warm.holds + heard)
    return np.append(tastes, told[-1] + warm.lift * better).astype(np.float32)


def test_an_item_moves_to_those_who_like_it(own: Path) -> None:
    """Content says space, sailors like it: it comes to suit sailors better, and those of space worse."""
    recommender = Recommender.open(own)
    workspace = recommender._live.workspace
    put(workspace, "new", SPACE)

    def worth(users: list[str]) -> float:
        found = []
        for ranking in recommender.recommend(users, limit=50, include_seen=True):
            new = next(item for item in ranking.items if item.item_id == "new")
            assert new.score == pytest.approx(1 / (1 + np.exp(-sum(new.parts.values()))), abs=1e-4)
            found.append(new.parts["cold"])
        return float(np.mean(found))

    before = worth(SAILORS), worth(STARGAZERS)
    assert before[0] < before[1]
    tell(workspace, *((user, "new", "like") for user in SAILORS))
    after = worth(SAILORS), worth(STARGAZERS)
    assert after[0] > before[0]
    assert after[1] - after[0] < 0.9 * (before[1] - before[0])


@pytest.mark.parametrize("count", [0, 1, 5, 20])
def test_what_events_make_of_an_item_by_the_slow_formula(own: Path, count: int) -> None:
    live = Live(Workspace.open(own))
    live.refresh()
    put(live.workspace, "new", SPACE)
    kinds = ("like", "view", "dislike", "impression", "skip")
    events = [(toy.USERS[step % 12], "new", kinds[step % 5]) for step in range(count)]
    tell(live.workspace, *events)
    np.testing.assert_allclose(cold_of(live, "new"), slow(live.workspace, "new"), rtol=1e-4, atol=1e-5)
    assert np.array_equal(cold_of(live, "new"), told_of(live.workspace, "new")) == (not count)


def test_who_says_nothing_of_tastes_moves_none(own: Path) -> None:
    live = Live(Workspace.open(own))
    put(live.workspace, "new", SPACE)
    before = cold_of(live, "new")
    tell(live.workspace, ("nobody", "new", "like"), ("user-1", "new", "dislike"), ("user-5", "new", "impression"))
    np.testing.assert_allclose(cold_of(live, "new")[:-1], before[:-1], atol=1e-6)
    # The stranger is one no more once something is known of them: what they said counts from then on.
    tell(live.workspace, ("nobody", "sailing-0", "like"))
    assert not np.allclose(cold_of(live, "new")[:-1], before[:-1], atol=1e-4)


def test_items_that_were_met_are_not_warmed(own: Path) -> None:
    live = Live(Workspace.open(own))
    before = live.refresh().items
    tell(live.workspace, *((user, "space-0", "like") for user in toy.USERS))
    after = live.refresh().items
    np.testing.assert_array_equal(after.cold, before.cold)


def test_the_first_users_alone_are_heard(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_events, "MOST_USERS", 2)
    live = Live(Workspace.open(own))
    put(live.workspace, "new", SPACE)
    tell(live.workspace, *((user, "new", "view") for user in SAILORS[:2]))
    before = cold_of(live, "new")
    tell(live.workspace, (STARGAZERS[0], "new", "like"))
    np.testing.assert_array_equal(cold_of(live, "new"), before)
    tell(live.workspace, (SAILORS[0], "new", "like"))
    assert not np.array_equal(cold_of(live, "new"), before)


def test_an_item_that_is_changed_or_comes_back_keeps_its_events(own: Path) -> None:
    live = Live(Workspace.open(own))
    put(live.workspace, "new", SPACE)
    tell(live.workspace, *((user, "new", "like") for user in SAILORS))
    warmed = cold_of(live, "new")
    put(live.workspace, "new", toy.vectors()[20])
    changed = cold_of(live, "new")
    assert not np.allclose(changed, warmed, atol=1e-4)
    np.testing.assert_allclose(changed, slow(live.workspace, "new"), rtol=1e-4, atol=1e-5)
    with live.workspace.store.write() as change:
        change.remove_items(["new"])
    assert live.refresh().index.rows(["new"]).tolist() == [-1]
    tell(live.workspace, (STARGAZERS[0], "new", "like"))
    live.refresh()
    put(live.workspace, "new", SPACE)
    for each in (live, Live(Workspace.open(own))):
        np.testing.assert_allclose(cold_of(each, "new"), slow(live.workspace, "new"), rtol=1e-4, atol=1e-5)


def test_to_hear_of_one_item_copies_none_of_the_rest(own: Path) -> None:
    live = Live(Workspace.open(own))
    put(live.workspace, "new", SPACE)
    live.refresh()
    told = live._told
    for user in SAILORS:
        tell(live.workspace, (user, "new", "like"))
        cold = live.refresh().items.cold
        assert isinstance(cold, Overlaid)
        assert cold.base is live._told is told


def test_a_snapshot_and_a_training_take_them_over(own: Path) -> None:
    recommender = Recommender.open(own)
    live = recommender._live
    put(live.workspace, "new", SPACE)
    tell(live.workspace, *((user, "new", "like") for user in SAILORS))
    warmed = cold_of(live, "new")
    publish(Workspace.open(own))
    np.testing.assert_allclose(cold_of(live, "new"), warmed, atol=1e-5)
    recommender.train(budget="20s")
    moment = live.refresh()
    assert moment.items.met[moment.index.rows(["new"])[0]]
    np.testing.assert_allclose(cold_of(live, "new"), told_of(live.workspace, "new"), atol=1e-5)


def test_of_a_large_catalogue_an_item_that_has_begun_is_a_candidate(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither new, nor popular, nor like anything the user did: its first users alone bring it in."""
    monkeypatch.setattr(candidates, "EXACT_ROWS", 1)
    monkeypatch.setattr(candidates, "RECENT", 1)
    monkeypatch.setattr(candidates, "POPULAR", 0)
    monkeypatch.setattr(candidates, "CANDIDATES", 1)
    monkeypatch.setattr(candidates, "WIDENING", 1)
    live = Live(Workspace.open(own))
    put(live.workspace, "new", SPACE)
    put(live.workspace, "newer", toy.vectors()[0])

    def found() -> bool:
        moment = live.refresh()
        users = user_side(moment, askers(live, ["user-1"]))
        rows = candidate_rows(moment, users, 1, None, [np.empty(0, dtype=np.int64)])
        return int(moment.index.rows(["new"])[0]) in rows[0].tolist()

    assert not found()
    tell(live.workspace, *((user, "new", "like") for user in SAILORS))
    assert found()
    with live.workspace.store.write() as change:
        change.remove_items(["new"])
    assert not found()


def test_without_models_nothing_is_followed(own: Path) -> None:
    shutil.rmtree(own / "models")
    live = Live(Workspace.open(own))
    put(live.workspace, "new", SPACE)
    tell(live.workspace, ("user-1", "new", "like"))
    assert not np.asarray(live.refresh().items.cold).any()


def test_a_batch_answers_as_each_alone(own: Path) -> None:
    recommender = Recommender.open(own)
    for number, item_id in enumerate(NEW):
        put(recommender._live.workspace, item_id, toy.vectors()[7 * number])
    tell(recommender._live.workspace, *((user, item_id, "like") for user in SAILORS for item_id in NEW[:2]))
    for ranking in recommender.recommend([*toy.USERS, "stranger"], limit=50):
        alone = recommender.recommend(ranking.user_id, limit=50)
        assert [item.item_id for item in alone.items] == [item.item_id for item in ranking.items]
        assert [item.score for item in alone.items] == pytest.approx([item.score for item in ranking.items], abs=1e-5)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["like", "view", "skip", "dislike"]), st.sampled_from([*toy.USERS, "x", "y"]),
                  st.sampled_from([*NEW, "space-0", "cooking-1"])),
        st.tuples(st.just("put"), st.sampled_from(NEW), st.integers(0, 23)),
        st.tuples(st.just("remove"), st.sampled_from(NEW), st.none()),
        st.tuples(st.just("ask"), st.none(), st.none()),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_who_followed_knows_what_a_new_process_reads(
    own_once: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, object, object]]
) -> None:
    folder = copied(own_once, tmp_path_factory.mktemp("followed") / "workspace")
    live = Live(Workspace.open(folder))
    for number, item_id in enumerate(NEW):
        put(live.workspace, item_id, toy.vectors()[number])
    live.refresh()
    for kind, first, second in steps:
        if kind == "put":
            put(live.workspace, str(first), toy.vectors()[int(str(second))])
        elif kind == "remove":
            with live.workspace.store.write() as change:
                change.remove_items([str(first)])
        elif kind == "ask":
            live.refresh()
        else:
            tell(live.workspace, (str(first), str(second), kind))
    fresh = Live(Workspace.open(folder))
    there = np.asarray(NEW)[live.refresh().index.rows(NEW) >= 0].tolist()
    assert there == np.asarray(NEW)[fresh.refresh().index.rows(NEW) >= 0].tolist()
    for item_id in [*there, "space-0"]:
        np.testing.assert_allclose(cold_of(live, item_id), cold_of(fresh, item_id), rtol=1e-4, atol=1e-5)
    for item_id in there:
        np.testing.assert_allclose(cold_of(live, item_id), slow(live.workspace, item_id), rtol=1e-4, atol=1e-5)
