"""Live: what a process holds follows the store, and snapshots that were retired meanwhile are no error."""

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from embedders.items import Item, Strand
from plait import snapshot
from plait.errors import BadData
from plait.flows.publish import learn_and_publish
from plait.live import Live
from plait.moment import Moment
from plait.own_vectors import vector_hash
from plait.recommender import Recommender
from plait.selection import Selection
from plait.store import StoredItem
from plait.workspace import Workspace
from tests.plait import toy
from tests.waiting import eventually

IDS = [row["item_id"] for row in toy.items()]


def put(workspace: Workspace, item_id: str, vector: np.ndarray, **attributes: float) -> None:
    """Store an item with an own vector (8,), as a build by another process would."""
    row = np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
    workspace.cache.put(workspace.encoder(Strand.TEXT).fingerprint, {vector_hash(row): row})
    with workspace.store.write() as change:
        change.upsert_items([StoredItem(Item(item_id, attributes=attributes), {Strand.TEXT: vector_hash(row)})])


def publish(workspace: Workspace) -> None:
    with workspace.publishing() as fence:
        learn_and_publish(workspace, seed=0, fence=fence)


def living(moment: Moment) -> set[str]:
    return set(moment.index.item_ids(np.flatnonzero(moment.index.alive)))


def test_nothing_changed_is_the_same_moment(own: Path) -> None:
    live = Live(Workspace.open(own))
    assert live.refresh() is live.refresh()


def test_two_see_each_other(own: Path) -> None:
    one, two = Live(Workspace.open(own)), Live(Workspace.open(own))
    assert living(one.refresh()) == living(two.refresh()) == set(IDS)
    put(one.workspace, "new", np.ones(8))
    assert living(two.refresh()) == living(one.refresh()) == {*IDS, "new"}
    with two.workspace.store.write() as change:
        change.remove_items(["new", "space-0"])
    assert living(one.refresh()) == living(two.refresh()) == set(IDS) - {"space-0"}
    assert one.refresh().index.rows(["space-0"]).tolist() == [-1]


def test_a_changed_item_has_its_new_vector_once(own: Path) -> None:
    live = Live(Workspace.open(own))
    before = live.refresh()
    old = before.index.vectors(before.index.rows(["cooking-0"]))
    put(live.workspace, "cooking-0", toy.vectors()[20])
    moment = live.refresh()
    given = moment.index.vectors(moment.index.rows(["cooking-0", "gardening-2"]))
    np.testing.assert_allclose(given[0], given[1], atol=1e-6)
    assert not np.allclose(given[0], old[0], atol=0.1)
    assert len(moment.index) == 24
    assert len(moment.items) == moment.index.row_count == 25
    # The moment before stays what it was.
    np.testing.assert_array_equal(before.index.vectors(before.index.rows(["cooking-0"])), old)


def test_the_delta_answers_as_a_new_snapshot_does(own: Path) -> None:
    workspace = Workspace.open(own)
    recommender = Recommender(workspace)
    recommender.similar("space-0")
    put(workspace, "new", toy.vectors()[13] + 0.1, year=1994.0)
    put(workspace, "sailing-1", toy.vectors()[2], year=2024.0)
    with workspace.store.write() as change:
        change.remove_items(["space-3"])

    def ask(asked: Recommender) -> list[list[tuple[str, float]]]:
        rankings = [
            asked.similar("space-0", limit=50),
            asked.similar("new", limit=50, where="year >= 1994"),
            *asked.recommend(["user-2", "stranger"], limit=50, include_seen=True),
        ]
        return [sorted((item.item_id, round(item.score, 4)) for item in ranking.items) for ranking in rankings]

    by_delta = ask(recommender)
    assert [len(rows) for rows in by_delta] == [23, 16, 24, 24]
    publish(workspace)
    assert ask(Recommender.open(own)) == by_delta
    assert ask(recommender) == by_delta


def test_a_new_snapshot_and_a_new_model_are_taken_up(own: Path) -> None:
    live = Live(Workspace.open(own))
    assert live.refresh().name == "index 1, model 1"
    put(live.workspace, "new", np.ones(8))
    publish(Workspace.open(own))
    moment = live.refresh()
    assert (moment.name, moment.index.delta_count, len(moment.index)) == ("index 2, model 1", 0, 25)
    Recommender.open(own).train(budget="20s")
    assert live.refresh().name == "index 2, model 2"


def test_a_snapshot_retired_while_it_was_read_is_read_again(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Workspace.open(own)
    live = Live(Workspace.open(own))
    load, calls = live._load, []

    def retired_meanwhile() -> None:
        calls.append(snapshot.current_number(own / "index"))
        if len(calls) == 1:
            publish(other)
            shutil.rmtree(own / "index" / "000001")
            raise BadData("as reading what is gone does")
        load()

    monkeypatch.setattr(live, "_load", retired_meanwhile)
    assert live.refresh().name == "index 2, model 1"
    assert calls == [1, 2]
    assert live.refresh() is live.refresh()
    assert calls == [1, 2]


def test_a_broken_snapshot_is_an_error_each_time_and_not_for_ever(own: Path) -> None:
    live = Live(Workspace.open(own))
    path = own / "index" / "000001" / "manifest.json"
    kept = path.read_text()
    path.write_text("{}")
    for _ in range(2):
        with pytest.raises(BadData, match=r"manifest\.json"):
            live.refresh()
    path.write_text(kept)
    assert len(live.refresh().index) == 24


def test_a_broken_new_snapshot_does_not_pass_for_the_old_one(own: Path) -> None:
    live = Live(Workspace.open(own))
    live.refresh()
    publish(Workspace.open(own))
    path = own / "index" / "000002" / "manifest.json"
    kept = path.read_text()
    path.write_text("{}")
    for _ in range(2):
        with pytest.raises(BadData, match=r"manifest\.json"):
            live.refresh()
    path.write_text(kept)
    assert live.refresh().name == "index 2, model 1"


def test_no_index(own: Path) -> None:
    shutil.rmtree(own / "index")
    with pytest.raises(BadData, match="run `plait build` again"):
        Live(Workspace.open(own)).refresh()


def test_vectors_the_cache_has_lost_are_made_again(built: Path) -> None:
    with Workspace.open(built).store.write() as change:
        text = Item("new", title="Pizza").text
        change.upsert_items([StoredItem(Item("new", title="Pizza"), {Strand.TEXT: "0" * 64})])
    assert text == "Pizza"
    assert Recommender.open(built).search("pizza", limit=1).items[0].item_id == "new"


def test_eligible_rows(own: Path) -> None:
    live = Live(Workspace.open(own))
    moment = live.refresh()
    assert moment.eligible(Selection()) is None
    allowed = moment.eligible(Selection(candidates=["space-0", "nowhere", "space-0"]))
    assert allowed is not None
    assert moment.index.item_ids(np.flatnonzero(allowed)) == ["space-0"]
    allowed = moment.eligible(Selection(candidates=[]))
    assert allowed is not None
    assert not allowed.any()
    allowed = moment.eligible(Selection(where="year = 1992", candidates=["space-1", "space-2"]))
    assert allowed is not None
    assert moment.index.item_ids(np.flatnonzero(allowed)) == ["space-1"]


def test_filters_follow_the_attributes(own: Path) -> None:
    recommender = Recommender.open(own)
    for year in (2011, 2012, 2013):
        recommender.update_items([{"item_id": "space-5", "year": str(year)}])
        found = recommender.recommend("user-0", where=f"year = {year}")
        assert [item.item_id for item in found.items] == ["space-5"]
        assert recommender.recommend("user-0", where=f"year = {year - 1}").items == ()


def test_many_threads_ask_while_items_change(own: Path) -> None:
    recommender = Recommender.open(own)
    writer = Workspace.open(own)
    errors: list[Exception] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                for ranking in recommender.recommend(["user-0", "stranger"], limit=50, where="year >= 1990"):
                    # Items without a year, which the writer adds, are never eligible.
                    assert {item.item_id for item in ranking.items} <= set(IDS)
                assert len(recommender.similar("space-0", limit=50).items) >= 23
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(12):
        put(writer, f"new-{number % 3}", np.eye(8)[number % 8])
        if number == 6:
            publish(writer)
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []


def test_models_of_an_earlier_version_are_passed_over_until_the_next_training(own: Path) -> None:
    recommender = Recommender.open(own)
    recommender.train(budget="20s")
    names = next((own / "models").glob("*/names.json"))
    said = json.loads(names.read_text(encoding="utf-8"))
    del said["format"], said["users"]
    for earlier in (own / "models").glob("*/names.json"):
        earlier.write_text(json.dumps(said), encoding="utf-8")
    reopened = Recommender.open(own)
    answer = reopened.recommend("user-0", limit=3)
    assert len(answer.items) == 3
    assert "untrained" in answer.model
    reopened.train(budget="20s")
    assert "untrained" not in reopened.recommend("user-0", limit=3).model


def test_attributes_of_a_new_item_that_change_tell_of_it_at_once(own: Path) -> None:
    """What content tells of an item that the models have not met follows its attributes, not only its vector."""
    open_before = Recommender.open(own)
    vector = toy.vectors()[0]
    workspace = Workspace.open(own)
    put(workspace, "new", vector, year=1990.0)
    before = open_before._live.refresh()
    put(workspace, "new", vector, year=2000.0)
    after, anew = open_before._live.refresh(), Recommender.open(own)._live.refresh()
    rows = [moment.index.rows(["new"])[0] for moment in (before, after, anew)]
    assert rows[0] == rows[1], "only the attribute was to change"
    told = [moment.items.cold[row] for moment, row in zip((before, after, anew), rows, strict=True)]
    assert not np.allclose(told[0], told[1])
    np.testing.assert_allclose(told[1], told[2], rtol=1e-5)
    for moment in (after, anew):
        assert len(moment.items) == moment.index.row_count


def waited(live: Live, name: str) -> Moment:
    """Refresh until a moment of this name answers."""
    eventually(lambda: live.refresh().name == name, pause=0.005)
    return live.refresh()


def test_beside_the_old_moment_answers_with_what_happens_until_the_new_one_is_loaded(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, writer = Live(Workspace.open(own), beside=True), Workspace.open(own)
    assert live.refresh().name == "index 1, model 1"
    load, may = Live._load, threading.Event()

    def slowly(self: Live) -> None:
        assert may.wait(60)
        load(self)

    monkeypatch.setattr(Live, "_load", slowly)
    publish(writer)
    put(writer, "new", np.ones(8))
    moment = live.refresh()
    assert moment.name == "index 1, model 1"
    assert living(moment) == {*IDS, "new"}
    with writer.store.write() as change:
        change.remove_items(["space-0"])
    assert living(live.refresh()) == {*IDS, "new"} - {"space-0"}
    may.set()
    moment = waited(live, "index 2, model 1")
    assert moment.live is live
    assert living(moment) == {*IDS, "new"} - {"space-0"}
    put(writer, "newer", np.ones(8))
    assert "newer" in living(live.refresh())
    assert live.refresh() is live.refresh()


def test_what_is_published_while_another_is_loaded_comes_after_it(own: Path) -> None:
    live, writer = Live(Workspace.open(own), beside=True), Workspace.open(own)
    live.refresh()
    for _ in range(3):
        publish(writer)
        live.refresh()
    assert living(waited(live, "index 4, model 1")) == set(IDS)


def test_beside_a_broken_new_snapshot_is_an_error_and_then_loaded_again(own: Path) -> None:
    live = Live(Workspace.open(own), beside=True)
    live.refresh()
    publish(Workspace.open(own))
    path = own / "index" / "000002" / "manifest.json"
    kept = path.read_text()
    path.write_text("{}")
    with pytest.raises(BadData, match=r"manifest\.json"):
        waited(live, "index 2, model 1")
    path.write_text(kept)
    assert living(waited(live, "index 2, model 1")) == set(IDS)


def test_an_erasure_is_not_waited_for_beside(own: Path) -> None:
    recommender = Recommender.open(own, beside=True)
    assert recommender.recommend("user-0").model == "index 1, model 1"
    Recommender.open(own).erase("user-1")
    assert recommender.recommend("user-0").model == "index 1, model 2"


def test_filters_of_an_answer_that_began_before_a_compaction_are_of_its_own_rows(own: Path) -> None:
    live, writer = Live(Workspace.open(own)), Workspace.open(own)
    with writer.store.write() as change:
        change.remove_items(["cooking-0"])
    before = live.refresh()
    asked = Selection(where="categories = 'sailing'")
    publish(writer)
    after = live.refresh()
    for moment in (after, before, after):
        allowed = moment.eligible(asked)
        assert allowed is not None
        assert set(moment.index.item_ids(np.flatnonzero(allowed))) == {f"sailing-{number}" for number in range(6)}
