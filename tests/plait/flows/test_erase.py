"""Erasure: nothing of a user stays in any file, others' answers stay, and whoever is open forgets, too."""

import hashlib
import hmac
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait import snapshot
from plait.errors import BadData
from plait.flows import finish_erasing
from plait.flows.check import check
from plait.flows.erase import erase
from plait.flows.models import models, promote, rollback
from plait.flows.repair import repair
from plait.flows.user_data import is_known, user_data
from plait.model_files import read_models
from plait.recommender import Recommender
from plait.records import Event, Exposure, Relation, User
from plait.traces import files_that_hold
from plait.workspace import Workspace
from ranker.friends import Friends
from tests.copying import copied
from tests.plait import toy
from tests.plait.flows.keeping import model_of, publish_again, scores

SOMEBODY = "u-7c1f0e95ab3d4482-zoë-用户-9d2f"
OTHERS = [f"user-{number}" for number in range(10)]


def settle(folder: Path, user_id: str) -> None:
    """Let a user be known in every table and in a trained model, beside friends in both directions and old versions."""
    workspace = Workspace.open(folder)
    with workspace.store.write() as change:
        change.upsert_users([User(user_id, {"city": "Ulm"}), User("user-1", {"city": "Bern"})])
        change.upsert_relations([Relation(user_id, "user-1"), Relation("user-2", user_id, 2.0)])
        change.record(
            [
                Event(user_id, f"space-{step}", toy.START + step, "like" if step else "rating", None if step else 4.0,
                      event_id=f"{user_id}/{step}", session_id=f"s-{user_id}")
                for step in range(4)
            ]
        )  # fmt: skip
        change.record([Event("user-1", "space-0", toy.START + 9, "rating", 2.0)])
        # Whose rows come behind.
        change.record([Event("zoltan", f"space-{step}", toy.START + 50 + step, "like") for step in range(4)])
        change.add_exposures([Exposure("shown", user_id, toy.START, "p", ("space-1",), (1.0,))])
    with workspace.store.write() as change:
        change.upsert_users([User(user_id, {"city": "Wien"})])
    workspace.store.close()
    with closing(sqlite3.connect(folder / "store.db", isolation_level=None)) as connection:
        # Where SQLite does not wipe what it deletes, it lies in the file until that is rewritten.
        connection.execute("PRAGMA secure_delete=OFF")
        key = {"key": f"{user_id}'s"}
        connection.execute("INSERT INTO attribute_types VALUES (:key, :key)", key)
        connection.execute("DELETE FROM attribute_types WHERE name = :key", key)
    Recommender.open(folder).train(budget="20s")


@pytest.fixture(scope="module")
def settled_once(own_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:

    folder = copied(own_once, tmp_path_factory.mktemp("settled") / "workspace")
    settle(folder, SOMEBODY)
    publish_again(folder)
    return folder


@pytest.fixture
def settled(settled_once: Path, tmp_path: Path) -> Path:

    return copied(settled_once, tmp_path / "workspace")


def test_no_file_holds_the_id(settled: Path) -> None:
    held = files_that_hold(settled, SOMEBODY)
    assert {name.split("/")[0].removesuffix("-wal") for name in held} == {"store.db", "models"}
    told = erase(Workspace.open(settled), SOMEBODY)
    assert told["removed"] == {"events": 4, "exposure_slots": 1, "exposures": 1, "relations": 2, "users": 1}
    # Model 1 was learnt before; 2 is the one trained, 3 the one that answered.
    assert (told["models"], told["found_in"], told["notes"]) == ([2, 3], [], [])
    for part in (SOMEBODY, "u-7c1f0e95", "zoë-用户", "7c1f0e95ab3d4482"):
        assert files_that_hold(settled, part) == []
    assert check(settled) == []
    assert not is_known(user_data(Workspace.open(settled).store, SOMEBODY))


def test_what_stays_is_a_line_with_a_keyed_hash(settled: Path) -> None:
    workspace = Workspace.open(settled)
    erase(workspace, SOMEBODY)
    (line,) = workspace.store.erasures()
    key = workspace.store.meta("erasure_key")
    assert key is not None
    assert line.user == hmac.new(bytes.fromhex(key), SOMEBODY.encode(), hashlib.sha256).hexdigest()
    assert line.sequence == workspace.store.sequence()
    assert line.removed["events"] == 4
    assert line.at > toy.START


def test_others_are_answered_as_before(settled: Path) -> None:
    # They have no relation to who is erased.
    others = [user_id for user_id in OTHERS if user_id != "user-2"]
    before = scores(Recommender.open(settled), others)
    open_all_along = Recommender.open(settled)
    open_all_along.recommend("user-0")
    erase(Workspace.open(settled), SOMEBODY)
    for recommender in (Recommender.open(settled), open_all_along):
        after = scores(recommender, others)
        for user_id in others:
            assert after[user_id].keys() == before[user_id].keys()
            assert max(abs(after[user_id][item] - score) for item, score in before[user_id].items()) <= 1e-6


def test_models_lose_one_row_and_nothing_else(settled: Path) -> None:
    def present() -> Path:
        found = snapshot.current(settled / "models")
        assert found is not None
        return found.path

    before = read_models(present())
    erase(Workspace.open(settled), SOMEBODY)
    after = read_models(present())
    assert list(after.user_ids) == [user_id for user_id in before.user_ids if user_id != SOMEBODY]
    assert before.ratings is not None
    assert after.ratings is not None
    names = list(after.user_ids)
    np.testing.assert_array_equal(
        after.ratings.users[after.user_ids.rows(names)], before.ratings.users[before.user_ids.rows(names)]
    )
    old, new = before.ranker.new_users, after.ranker.new_users
    assert old is not None
    assert new is not None

    def tastes(friends: Friends, ids: list[str]) -> dict[str, bytes]:
        return {ids[row]: taste.tobytes() for row, taste in zip(friends.rows, friends.tastes, strict=True)}

    kept = tastes(old.friends, list(before.user_ids))
    assert kept.pop(SOMEBODY)
    assert "zoltan" in kept
    assert tastes(new.friends, names) == kept


def test_the_model_that_answers_gets_a_new_number_and_older_ones_keep_theirs(settled: Path) -> None:
    erase(Workspace.open(settled), SOMEBODY)
    assert [(model["number"], model["made_by"], model["from"]) for model in models(Workspace.open(settled))] == [
        (1, "train", None), (2, "train", 1), (4, "erase", 3),
    ]  # fmt: skip
    assert [model["problem"] for model in models(Workspace.open(settled))] == ["", "", ""]
    assert rollback(Workspace.open(settled))["model"] == 2
    assert check(settled) == []


def test_a_promoted_model_is_still_so_when_it_was_written_anew(settled: Path) -> None:
    promote(Workspace.open(settled), 2)
    erase(Workspace.open(settled), SOMEBODY)
    told = [(model["number"], model["current"], model["promoted"]) for model in models(Workspace.open(settled))]
    assert told == [(1, False, False), (3, False, False), (4, True, True)]
    assert rollback(Workspace.open(settled))["model"] == 3


def test_an_open_process_forgets(settled: Path) -> None:
    recommender = Recommender.open(settled)
    liked = {item.item_id: item.pair for item in recommender.similar("space-1", kind="bought-together").items}
    assert SOMEBODY in {user.user_id for user in recommender.users_like("user-2", limit=50).items}
    erase(Workspace.open(settled), SOMEBODY)
    anew = Recommender.open(settled)
    assert SOMEBODY not in {user.user_id for user in recommender.users_like("user-2", limit=50).items}
    assert recommender.users_like("user-2", limit=50).items == anew.users_like("user-2", limit=50).items
    now = {item.item_id: item.pair for item in recommender.similar("space-1", kind="bought-together").items}
    assert now == {item.item_id: item.pair for item in anew.similar("space-1", kind="bought-together").items}
    assert now != liked
    assert recommender.profile(SOMEBODY).events == 0


def test_popularity_before_any_training_is_counted_anew(own: Path) -> None:
    import shutil

    shutil.rmtree(own / "models")
    recommender = Recommender.open(own)
    recommender.record([{"user_id": SOMEBODY, "item_id": f"space-{n}", "event": "like"} for n in range(6)])
    recommender = Recommender.open(own)
    before = scores(recommender, ["nobody"])
    erase(Workspace.open(own), SOMEBODY)
    after = scores(recommender, ["nobody"])
    assert after == scores(Recommender.open(own), ["nobody"])
    assert after != before


def test_an_open_process_loses_nothing_by_the_search(settled: Path) -> None:
    recommender = Recommender.open(settled)
    erase(Workspace.open(settled), SOMEBODY)
    count = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(*c.execute(sys.argv[2]).fetchone()); c.close()"
    )

    def seen_by_another() -> int:
        call = [sys.executable, "-c", count, str(settled / "store.db"), "SELECT count(*) FROM events"]
        return int(subprocess.run(call, capture_output=True, text=True, check=True).stdout)

    # Were the locks of this process gone, the other one would take itself for the last, and the log away.
    before = seen_by_another()
    recommender.record([{"user_id": "user-1", "item_id": "space-0", "event": "like"}])
    assert seen_by_another() == before + 1


def test_an_unknown_user_changes_nothing(own: Path) -> None:
    workspace = Workspace.open(own)
    sequence = workspace.store.sequence()
    told = erase(workspace, SOMEBODY)
    assert set(told["removed"].values()) == {0}
    assert told["models"] == []
    assert told["notes"] == [f"user {SOMEBODY!r} is not known; nothing was removed"]
    assert (workspace.store.sequence(), workspace.store.erasures(), model_of(own)) == (sequence, [], 1)


def test_who_comes_back_is_somebody_new(settled: Path) -> None:
    recommender = Recommender.open(settled)
    erase(Workspace.open(settled), SOMEBODY)
    row = {"user_id": SOMEBODY, "item_id": "space-0", "event": "like", "event_id": f"{SOMEBODY}/0"}
    assert recommender.record([row]).accepted == 1
    assert recommender.profile(SOMEBODY).events == 1
    recommender.train(budget="5s")
    assert check(settled) == []
    assert Workspace.open(settled).store.is_erasing() is False


@pytest.mark.parametrize("step", ["forget_in_models", "store"])
def test_an_erasure_left_before_its_end_is_seen_and_finished(
    settled: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Killed

    workspace = Workspace.open(settled)
    with monkeypatch.context() as stopping:
        if step == "store":
            stopping.setattr(workspace.store, "forget_deleted", stop)
        else:
            stopping.setattr(finish_erasing, step, stop)
        with pytest.raises(Killed):
            erase(workspace, SOMEBODY)
    assert files_that_hold(settled, SOMEBODY)
    assert any("an erasure was left before its end" in line for line in check(settled))
    left, mended = repair(settled)
    assert left == []
    assert any("an erasure was brought to its end" in line for line in mended)
    assert files_that_hold(settled, SOMEBODY) == []


def test_another_erasure_finishes_the_one_before(settled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace.open(settled)
    with monkeypatch.context() as stopping:
        stopping.setattr(finish_erasing, "forget_in_models", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erase(workspace, SOMEBODY)
    erase(workspace, "user-3")
    assert files_that_hold(settled, SOMEBODY) == []
    assert check(settled) == []


def test_a_reader_of_what_was_before_is_named(settled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from plait.store import sqlite

    monkeypatch.setattr(sqlite, "PRAGMAS", ("PRAGMA busy_timeout=100", *sqlite.PRAGMAS[1:]))
    reader = sqlite3.connect(settled / "store.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    with pytest.raises(BadData, match="another process reads what was before"):
        erase(Workspace.open(settled), SOMEBODY)
    reader.close()
    assert erase(Workspace.open(settled), SOMEBODY)["found_in"] == []
    assert check(settled) == []


def test_nothing_is_removed_while_another_trains(settled: Path) -> None:
    with Workspace.open(settled).publishing(), pytest.raises(BadData, match="being built or trained"):
        erase(Workspace.open(settled), SOMEBODY)
    assert is_known(user_data(Workspace.open(settled).store, SOMEBODY))


@pytest.mark.parametrize("broken", [True, False])
def test_a_model_that_cannot_be_read_and_holds_the_id_goes(settled: Path, broken: bool) -> None:
    names = settled / "models" / "000003" / "names.json"
    said = json.loads(names.read_text(encoding="utf-8"))
    text = json.dumps({**said, "format": 1}, ensure_ascii=False)
    names.write_text(text[: len(text) // 2] + SOMEBODY if broken else text, encoding="utf-8")
    erase(Workspace.open(settled), SOMEBODY)
    assert snapshot.numbers(settled / "models") == [1, 2]
    assert files_that_hold(settled, SOMEBODY) == []


def test_a_checkpoint_of_a_training_goes(settled: Path) -> None:
    (settled / "models" / ".training").mkdir()
    (settled / "models" / ".training" / "state").write_text(SOMEBODY, encoding="utf-8")
    (settled / "models" / "unfinished-1").mkdir()
    (settled / "models" / "unfinished-1" / "names.json").write_text(SOMEBODY, encoding="utf-8")
    assert erase(Workspace.open(settled), SOMEBODY)["found_in"] == []


def test_a_file_that_is_not_plaits_is_named(settled: Path) -> None:
    (settled / "mine.csv").write_text(f"user_id\n{SOMEBODY}\n", encoding="utf-8")
    told = erase(Workspace.open(settled), SOMEBODY)
    assert told["found_in"] == ["mine.csv"]
    assert "mine.csv holds the id" in told["notes"][0]


def test_a_short_id_is_not_searched_for(own: Path) -> None:
    told = erase(Workspace.open(own), "user-1")
    # user-10 and user-11 hold its letters.
    assert told["found_in"] == []
    assert "not searched" in told["notes"][0]
    assert {"user-10", "user-11"} <= set(Workspace.open(own).store.user_ids())


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=12, max_size=32))
def test_whatever_the_id(own: Path, user_id: str) -> None:
    workspace = Workspace.open(own)
    with workspace.store.write() as change:
        change.record([Event(user_id, "space-0", toy.START, "like", query=user_id)])
        change.upsert_relations([Relation("user-0", user_id)])
    erase(workspace, user_id)
    assert files_that_hold(own, user_id) == []
    assert not is_known(user_data(workspace.store, user_id))


def test_export_tells_everything(settled: Path) -> None:
    data = user_data(Workspace.open(settled).store, SOMEBODY)
    assert data["user"] == {
        "user_id": SOMEBODY, "attributes": {"city": "Wien"},
        "relations": [
            {"user_id": SOMEBODY, "other_id": "user-1", "weight": 1.0},
            {"user_id": "user-2", "other_id": SOMEBODY, "weight": 2.0},
        ],
    }  # fmt: skip
    assert [event["event_id"] for event in data["events"]] == [f"{SOMEBODY}/{step}" for step in range(4)]
    assert data["events"][0]["value"] == 4.0
    assert data["exposures"][0]["item_ids"] == ("space-1",)
