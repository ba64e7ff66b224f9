"""A workspace on PostgreSQL used by real processes: killed, cut off from the server, moved, kept."""

import json
import signal
import sqlite3
import urllib.error
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL

from plait.errors import BadData
from plait.flows import restore as restoring
from plait.flows.backup import backup
from plait.flows.restore import restore
from plait.recommender import Recommender
from plait.store import Store
from plait.store_settings import VARIABLE
from plait.workspace import Workspace
from scripts.served import served
from tests.plait import toy
from tests.postgresql_server import PASSWORD, Server, text_of
from tests.system.commands import answer_of, run_plait, start_script
from tests.system.service_clients import Clients, asked, clients_of, record_once

pytestmark = pytest.mark.system

HALTED = """
import sys
from plait.records import Event
from plait.recommender import Recommender
from plait.store import Store
from plait.store.url import store_url
with Store.open(store_url(sys.argv[1])).write() as change:
    change.record([Event("halted", "cooking-0", float(n), event_id=f"halted-{n}") for n in range(10)])
    print("inside", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def url(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> URL:
    """Return where the store of `shop` is; processes begun from now on know how to reach it."""
    url = postgresql.url()
    monkeypatch.setenv(VARIABLE, text_of(url))
    return url


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a trained workspace in a file, whose texts have the toy's own vectors. Read only."""
    folder = tmp_path_factory.mktemp("settled")
    np.save(folder / "vectors.npy", toy.vectors())
    vectors = {"text": folder / "vectors.npy"}
    built = Recommender.build(folder / "workspace", items=toy.items(), interactions=toy.interactions(), vectors=vectors)
    built.train(budget="20s")
    return folder / "workspace"


@pytest.fixture
def shop(settled: Path, url: URL, tmp_path: Path) -> Path:
    """Return the trained workspace, moved to PostgreSQL."""
    backup(Workspace.open(settled), tmp_path / "moving.tar")
    restore(tmp_path / "moving.tar", tmp_path / "shop", store=text_of(url))
    return tmp_path / "shop"


def check_stored(url: URL, *senders: Clients) -> None:
    """Check that what was acknowledged is stored, nothing twice, and that the numbers of changes have no gap."""
    with Store.open(url) as store:
        # One moment: a transaction of a killed process may be committed after it is gone.
        with store._database.reading() as connection:
            events = connection.exec_driver_sql("SELECT event_id FROM events WHERE event_id != ''").scalars().all()
            tables = ("events", "items", "users", "relations", "exposures")
            every = " UNION ALL ".join(f"SELECT sequence FROM {name}" for name in tables)
            numbers = connection.exec_driver_sql(every).scalars().all()
            last = connection.exec_driver_sql("SELECT sequence FROM counter").scalar_one()
        assert len(events) == len(set(events))
        for sender in senders:
            assert set(sender.acknowledged) <= set(events)
        assert sorted(numbers) == list(range(1, last + 1))
        assert store.problems() == []


def test_moved_there_and_back_it_answers_the_same(settled: Path, shop: Path, tmp_path: Path) -> None:
    assert sorted(path.name for path in shop.iterdir()) == ["index", "models", "plait.toml", "vectors"]
    assert PASSWORD not in (shop / "plait.toml").read_text(encoding="utf-8")
    answer_of("backup", shop, tmp_path / "back.tar")
    assert PASSWORD.encode() not in (tmp_path / "back.tar").read_bytes()
    answer_of("restore", tmp_path / "back.tar", tmp_path / "back")
    answers = [answer_of("recommend", folder, "--user", "user-0") for folder in (settled, shop, tmp_path / "back")]
    assert answers[0] == answers[1] == answers[2]
    assert (tmp_path / "back" / "store.db").exists()
    for folder in (shop, tmp_path / "back"):
        assert answer_of("check", folder) == {"ok": True, "problems": []}


def test_a_restore_is_in_both_places_or_in_neither(
    settled: Path, url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(Workspace.open(settled), tmp_path / "moving.tar")

    def full(staged: Path, folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(restoring, "_put", full)
        with pytest.raises(BadData, match="cannot be written: No space left"):
            restore(tmp_path / "moving.tar", tmp_path / "shop", store=text_of(url))
    assert not Store.exists(url)
    restore(tmp_path / "moving.tar", tmp_path / "shop", store=text_of(url))
    with pytest.raises(BadData, match="is a store already; expected a new name"):
        restore(tmp_path / "moving.tar", tmp_path / "other", store=text_of(url))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["moving.tar", "shop"]
    with Workspace.open(tmp_path / "shop").store as store, Workspace.open(settled).store as before:
        assert store.counts() == before.counts()


def test_a_workspace_is_built_there_and_kept(url: URL, tmp_path: Path) -> None:
    items = toy.write_table(tmp_path / "items.csv", toy.items())
    np.save(tmp_path / "vectors.npy", toy.vectors())
    folder, files = tmp_path / "new", ["--items", items, "--vectors", f"text={tmp_path / 'vectors.npy'}"]
    assert answer_of("build", folder, *files, "--store", text_of(url))["items"]["added"] == 24
    assert not (folder / "store.db").exists()
    # Another folder is not built into the same store; the same folder is brought up to date.
    other = run_plait("build", tmp_path / "other", *files, "--store", text_of(url))
    assert (other.returncode, PASSWORD in other.stderr) == (2, False)
    assert "is a store already; expected another ?schema=" in other.stderr
    assert answer_of("build", folder, *files)["items"]["unchanged"] == 24
    likings = [{"user_id": f"fan-of-{n % 7}", "item_id": row["item_id"], "event": "like", "timestamp": toy.START + n}
               for n, row in enumerate(toy.items() * 12)]  # fmt: skip
    recommender = Recommender.open(folder)
    with recommender.workspace.store as store:
        recommender.record(toy.interactions())
        recommender.train(budget="20s")
        recommender.record(likings)
        # Publishing holds the write lock of the store while it reads: it must wait for nobody, itself least of all.
        assert recommender.learn()
        recorded = store.counts()["events"]
        erased = recommender.erase("fan-of-3")
        assert erased["removed"]["events"] > 0
        assert erased["found_in"] == []
        assert store.counts()["events"] == recorded - erased["removed"]["events"]
    assert answer_of("check", folder) == {"ok": True, "problems": []}


def test_two_services_share_it_and_one_is_killed(shop: Path, url: URL, tmp_path: Path) -> None:
    with (
        served(shop, "--workers", "2", log=tmp_path / "first") as (_, first),
        served(shop, log=tmp_path / "second") as (process, second),
        clients_of(first, record_once, count=3, name="a-") as stays,
        clients_of(second, record_once, count=3, name="b-") as goes,
    ):
        stays.wait_for(100)
        goes.wait_for(100)
        process.kill()
        stays.wait_for(50)
        assert asked(f"{first}/v1/users/user-0/recommendations")["items"]
    assert stays.failures == []
    check_stored(url, stays, goes)


def test_a_writer_killed_in_a_transaction_leaves_nothing_and_stops_nobody(shop: Path, url: URL, tmp_path: Path) -> None:
    script = tmp_path / "halted.py"
    script.write_text(HALTED, encoding="utf-8")
    process = start_script(script, text_of(url))
    assert process.stdout
    assert process.stdout.readline().strip() == "inside"
    with Store.open(url) as store:
        assert store.events_of("halted") == []
        process.send_signal(signal.SIGKILL)
        process.communicate()
        before = store.sequence()
        answer_of("record", shop, "--user", "user-0", "--item", "space-0", "--event", "like")
        assert store.sequence() == before + 1
        assert store.events_of("halted") == []
    check_stored(url)


def refused(address: str, body: object = None) -> tuple[int, dict[str, Any]]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        asked(address, body)
    return caught.value.code, json.loads(caught.value.read())["error"]


def test_a_server_that_goes_is_said_and_one_that_comes_back_is_used(
    shop: Path, url: URL, postgresql: Server, tmp_path: Path
) -> None:
    events = {"events": [{"user_id": "user-0", "item_id": "space-1", "event_id": "late"}]}
    with served(shop, log=tmp_path / "log") as (_, address):
        recommended = f"{address}/v1/users/user-0/recommendations"
        assert asked(recommended)["items"]
        with clients_of(address, record_once, count=3) as sender:
            sender.wait_for(20)
            postgresql.stop(signal.SIGQUIT)
            try:
                for said in (refused(recommended), refused(f"{address}/v1/events", events)):
                    assert said[0] == 503
                    assert "the store: the server cannot be reached" in said[1]["message"]
                    assert "127.0.0.1" not in said[1]["message"]
            finally:
                postgresql.start()
            sender.wait_for(20)
        assert asked(recommended)["items"]
        assert asked(f"{address}/v1/events", events)["accepted"] == 1
    # Who got no answer sends the batch again: what was stored all the same counts once.
    check_stored(url, sender)
    assert PASSWORD not in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_backup_is_of_one_moment_while_others_write(shop: Path, url: URL, tmp_path: Path) -> None:
    with served(shop, log=tmp_path / "log") as (_, address), clients_of(address, record_once, count=3) as sender:
        sender.wait_for(20)
        for number in range(3):
            answer_of("backup", shop, tmp_path / f"{number}.tar", "--no-vectors")
    counts = []
    for number in range(3):
        answer_of("restore", tmp_path / f"{number}.tar", tmp_path / f"back-{number}")
        with closing(sqlite3.connect(tmp_path / f"back-{number}" / "store.db")) as raw:
            numbers = {row[0] for name in ("items", "events") for row in raw.execute(f"SELECT sequence FROM {name}")}
            last = raw.execute("SELECT sequence FROM counter").fetchone()[0]
        assert numbers == set(range(1, last + 1))
        counts.append(last)
    assert counts == sorted(counts)
