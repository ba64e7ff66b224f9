"""What is particular to PostgreSQL: schemas, locks, durability, lost connections, refusals, and what stays secret."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL
from sqlalchemy.exc import IntegrityError

from plait.errors import BadData
from plait.records import Event, Exposure, Relation, User
from plait.store import Store, postgresql, versions
from plait.store.copying import copy_rows
from plait.store.postgresql import PostgreSQL
from tests.plait.store.samples import event, full_item, stored
from tests.plait.store.test_writing import write_everything
from tests.postgresql_server import PASSWORD, Server, text_of

pytestmark = pytest.mark.system


@pytest.fixture
def url(postgresql: Server) -> URL:
    return postgresql.url()


@pytest.fixture
def store(url: URL) -> Iterator[Store]:
    with Store.create(url) as store:
        yield store


def schema_in(url: URL) -> str:
    return str(url.query["schema"])


def everything(store: Store) -> Any:
    with store._database.reading() as connection:
        return {name: connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1").all() for name in
                ("meta", "counter", "items", "attribute_types", "events", "users", "relations", "exposures",
                 "exposure_slots")}  # fmt: skip


def test_schemas_of_one_database_are_stores_apart(store: Store, postgresql: Server) -> None:
    with Store.create(postgresql.url()) as other:
        store.record([event(1)])
        other.record([event(2), event(3)])
        assert (store.sequence(), other.sequence()) == (1, 2)
        with store.lease("work") as first, other.lease("work") as second:
            assert first is not None
            assert second is not None
        # The write lock is one for each of them.
        with store.write(), other.write() as change:
            change.record([event(4)])
        assert other.sequence() == 3


def test_a_schema_of_others_is_refused_and_left_alone(url: URL, postgresql: Server) -> None:
    with postgresql.connected() as raw:
        raw.execute(f"CREATE SCHEMA {schema_in(url)}")
        raw.execute(f"CREATE TABLE {schema_in(url)}.birds (name text)")
        for attempt in (Store.open, Store.create):
            with pytest.raises(BadData, match="is no store, but a database with the tables birds"):
                attempt(url)
        found = raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema_in(url),)).fetchall()
        assert found == [("birds",)]


def test_a_schema_that_was_made_beforehand_needs_no_right_to_make_one(postgresql: Server) -> None:
    url = postgresql.url()
    with postgresql.connected(user="admin") as admin:
        admin.execute("CREATE ROLE modest LOGIN PASSWORD 'modest'")
        admin.execute(f"CREATE SCHEMA {schema_in(url)} AUTHORIZATION modest")
    modest = url.set(username="modest", password="modest")
    with Store.create(modest) as store:
        assert store.sequence() == 0
    with pytest.raises(BadData, match="the user may not do that"):
        Store.create(postgresql.url().set(username="modest", password="modest"))


def test_a_missing_store_is_not_made(url: URL, postgresql: Server) -> None:
    with pytest.raises(BadData, match="is missing; expected a store"):
        Store.open(url)
    with postgresql.connected() as raw:
        assert raw.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema_in(url),)).fetchall() == []


def test_a_newer_store_is_refused_in_one_line(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(versions, "MIGRATIONS", (*versions.MIGRATIONS, lambda connection: None))
        Store.create(url).close()
    with pytest.raises(BadData) as refused:
        Store.open(url)
    made = versions.version() + 1
    assert f"has schema version {made}; this Plait knows up to {versions.version()}: upgrade" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_two_that_make_one_store_at_once_make_it_once(url: URL) -> None:
    told: list[str] = []

    def make() -> None:
        try:
            Store.create(url).close()
            told.append("made")
        except BadData as error:
            told.append(str(error).rpartition(" is ")[2])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [*["a store already; expected a new name"] * 3, "made"]


def test_every_connection_is_durable_waits_and_sees_one_schema(url: URL, postgresql: Server) -> None:
    with postgresql.connected(user="admin") as admin:
        admin.execute("CREATE ROLE hasty LOGIN PASSWORD 'hasty' SUPERUSER")
        admin.execute("ALTER ROLE hasty SET synchronous_commit = off")
    with Store.create(url.set(username="hasty", password="hasty")) as store:
        for block in (store._database.writing, store._database.reading):
            with block() as connection:
                said = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in
                        ("synchronous_commit", "lock_timeout", "search_path", "application_name")}  # fmt: skip
                assert said == {"synchronous_commit": "on", "lock_timeout": "1min", "search_path": schema_in(url),
                                "application_name": "plait"}  # fmt: skip
        with store._database.reading() as connection:
            assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
            assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
        assert store._database.quick("SHOW statement_timeout") == [("1min",)]


def test_waiting_too_long_is_one_line(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "SETTINGS", {**postgresql.SETTINGS, "lock_timeout": "100ms"})
    with Store.create(url) as store, Store.open(url) as other, other.write():
        with pytest.raises(BadData, match="another process has been writing for 60 seconds; try again"), store.write():
            pytest.fail("wrote beside another writer")
        assert store.item_count() == 0


def test_a_reader_sees_one_moment_and_stops_nobody(store: Store, url: URL) -> None:
    with Store.open(url) as other, store._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 0
        other.record([event(1)])
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 0
    assert store.counts()["events"] == 1


def test_reads_beside_a_fence_wait_for_nothing(store: Store) -> None:
    with store.lease("work") as lease:
        assert lease is not None
        with store.fence(lease):
            assert store.sequence() == 0
            assert store.counts()["events"] == 0
            assert list(store.items()) == []


def test_ids_are_ordered_by_their_bytes(store: Store) -> None:
    ids = ["a", "B", "b", "A", "_", "ä", "Z", "10", "9", "é", "z"]
    with store.write() as change:
        change.upsert_items([stored(item_id) for item_id in ids])
        change.upsert_relations([Relation("u", item_id, 1.0) for item_id in ids])
    assert store.page_of_ids(20) == sorted(ids)
    assert [one.other_id for one in store.relations_of(["u"], 20)] == sorted(ids)


def test_numbers_and_times_keep_all_their_digits(store: Store) -> None:
    with store.write() as change:
        change.skip_to(2**40)
        change.record([event(1, timestamp=1_700_000_000.123456, value=0.1 + 0.2)])
    assert store.sequence() == 2**40 + 1
    [[one]] = store.events()
    assert (one.timestamp, one.value) == (1_700_000_000.123456, 0.1 + 0.2)


def test_a_nul_is_refused_whole(store: Store) -> None:
    with pytest.raises(BadData, match="a text holds a NUL, which PostgreSQL does not keep; nothing was stored"):
        store.record([event(1), event(2, query="a\x00b")])
    with pytest.raises(BadData, match="a text holds a NUL"), store.write() as change:
        change.upsert_items([stored("a", "\x00")])
    assert store.sequence() == 0
    assert store.counts()["events"] == 0


def test_a_slot_needs_its_exposure(store: Store) -> None:
    with pytest.raises(IntegrityError), store._database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO exposure_slots VALUES ('missing', 1, 'a', 1.0)")


def test_a_server_begun_anew_is_not_noticed_between_calls(store: Store, postgresql: Server) -> None:
    store.record([event(1)])
    postgresql.stop()
    with pytest.raises(BadData) as refused:
        store.sequence()
    assert "the server cannot be reached, or was lost meanwhile" in str(refused.value)
    with pytest.raises(BadData, match="cannot be reached"), store.write():
        pytest.fail("wrote to nobody")
    assert "\n" not in str(refused.value)
    postgresql.start()
    assert store.sequence() == 1
    store.record([event(2)])
    assert [one.event_id for one in store.events_of("user")] == ["event-1", "event-2"]


def test_a_connection_lost_in_a_transaction_is_one_line_and_undoes_it(store: Store, postgresql: Server) -> None:
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"

    def write() -> None:
        with store.write() as change, postgresql.connected(user="admin") as admin:
            change.record([event(1)])
            admin.execute(ended)
            change.record([event(2)])

    with pytest.raises(BadData) as refused:
        write()
    assert "stopping or starting" in str(refused.value) or "was lost meanwhile" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert store.sequence() == 0
    store.record([event(3)])
    assert store.sequence() == 1


def test_no_message_holds_the_password(url: URL) -> None:
    wrong = url.set(password="not-the-" + PASSWORD)
    nowhere = url.set(port=1)
    for refused_url in (wrong, nowhere, url):
        with pytest.raises(BadData) as refused:
            Store.open(refused_url)
        said = f"{refused.value} {refused.value.__cause__}"
        assert PASSWORD not in said
        assert f"{url.host}" in said


def test_a_moment_is_copied_to_a_file_and_back(store: Store, postgresql: Server, tmp_path: Path) -> None:
    write_everything(store, 1)
    with store.write() as change:
        change.upsert_items([full_item(), *(stored(f"i{n}") for n in range(12_000))])
        change.record([event(n, user_id="ü", value=None) for n in range(2, 9)])
        change.erase_user("u1", now=5.0)
    file = tmp_path / "copy.db"
    with store.lease("work") as lease:
        assert lease is not None
        store.copy_to(file)
    assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("SELECT owner, expires, token FROM leases").fetchall() == [("", 0.0, 1)]
    with Store.open(file) as copy:
        assert everything(copy) == everything(store)
        assert copy.problems() == []
        with (
            Store.creating(postgresql.url()) as (back, target),
            copy._database.reading() as source,
        ):
            copy_rows(source, target)
        with back:
            assert everything(back) == everything(store)
            back.record([event(77)])
            assert back.sequence() == store.sequence() + 1


def test_what_was_erased_is_gone_when_nobody_reads_what_was_before(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.write() as change:
        change.record([event(n) for n in range(100)])
        change.upsert_users([User("user")])
        change.add_exposures([Exposure("r", "user", 0.0, "p", ("i",), (1.0,))])
    with store._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 100
        with store.write() as change:
            change.erase_user("user", now=0.0)
        with monkeypatch.context() as hasty:
            hasty.setattr(postgresql, "PATIENCE", 0.2)
            assert not store.forget_deleted()
    assert store.forget_deleted()
    assert store.forget_deleted()


@pytest.mark.parametrize("others", [0, 50])
def test_the_planner_knows_no_value_of_who_was_erased(
    store: Store, postgresql: Server, url: URL, *, others: int
) -> None:
    def known() -> list[str]:
        kept = "SELECT tablename || '.' || attname, most_common_vals::text, histogram_bounds::text FROM pg_stats"
        with postgresql.connected(user="admin") as admin:
            found = admin.execute(f"{kept} WHERE schemaname = %s", (schema_in(url),)).fetchall()
        return sorted(name for name, *values in found if "anna" in str(values))

    users = [f"user-{number}" for number in range(others)]
    with store.write() as change:
        for user in ("anna", *users):
            rows = [event(number, user_id=user, event_id=f"{user}-{number}") for number in range(20)]
            change.record(rows)
            slates = [Exposure(f"{user}-{number}", user, 0.0, "p", ("i",), (1.0,)) for number in range(3)]
            change.add_exposures(slates)
        change.upsert_relations([Relation("anna", f"other-{number}", 1.0) for number in range(3)])
        change.upsert_users([User(user) for user in ("anna", *users)])
    with store._database.writing() as connection:
        connection.exec_driver_sql("ANALYZE")
    assert {"events.user_id", "exposures.user_id", "relations.user_id"} <= set(known())
    with store.write() as change:
        change.erase_user("anna", now=0.0)
    assert store.forget_deleted()
    assert known() == []
    counts = store.counts()
    assert [counts[name] for name in ("events", "exposures", "users")] == [20 * others, 3 * others, others]
    assert store.problems() == []


def test_a_sound_store_has_no_problems(store: Store, postgresql: Server, url: URL) -> None:
    write_everything(store, 1)
    assert store.problems() == []
    with postgresql.connected(user="admin") as admin:
        admin.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
    assert store.problems() == []
    with postgresql.connected() as raw:
        raw.execute(f"DROP INDEX {schema_in(url)}.events_of_user")
        raw.execute(f"DROP TABLE {schema_in(url)}.relations")
        raw.execute(f"INSERT INTO {schema_in(url)}.counter VALUES (7)")
    assert store.problems() == [
        f"{store.place}: {what}"
        for what in ("events lacks the index events_of_user", "the table relations is missing",
                     "the counter has 2 rows; expected one")
    ]  # fmt: skip


def test_damage_is_named(store: Store, url: URL, postgresql: Server) -> None:
    with store.write() as change:
        change.record([event(n) for n in range(3_000)])
    with postgresql.connected() as raw:
        [(file,)] = raw.execute("SELECT pg_relation_filepath(%s)", (f"{schema_in(url)}.events",)).fetchall()
    store.close()
    postgresql.stop()
    path = postgresql.folder / "data" / file
    content = bytearray(path.read_bytes())
    content[8192 : 8192 + 64] = b"\xff" * 64
    path.write_bytes(content)
    postgresql.start()
    assert len(store.problems()) == 1
    assert f"{store.place}: the database is damaged (invalid page in block 1" in store.problems()[0]


FORKED = """
import os, sys
from plait.records import Event
from plait.store import Store
from plait.store.url import store_url
store = Store.open(store_url(sys.argv[1]))
store.record([Event("user", "i", 1.0, event_id="before")])
store.sequence()
child = os.fork()
store.record([Event("user", "i", 1.0, event_id="child" if child == 0 else "parent")])
assert store.counts()["events"] >= 2
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
with store.write():
    child = os.fork()
    if child == 0:
        try:
            store.sequence()
        except RuntimeError as error:
            os._exit(0 if "was forked inside a transaction" in str(error) else 1)
        os._exit(2)
assert os.waitpid(child, 0)[1] == 0
print(store.counts()["events"])
"""


def test_a_forked_process_has_connections_of_its_own(store: Store, url: URL) -> None:
    done = subprocess.run([sys.executable, "-c", FORKED, text_of(url)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == "3\n"
    assert {one.event_id for one in store.events_of("user")} == {"before", "child", "parent"}


def test_the_counter_costs_one_statement(store: Store) -> None:
    assert isinstance(store._database, PostgreSQL)
    store.sequence()
    assert len(store._database._idle) == 1
    assert [store.sequence() for _ in range(3)] == [0, 0, 0]
    assert len(store._database._idle) == 1


def test_users_events_are_found_by_index(store: Store) -> None:
    with store.write() as change:
        change.record([Event(f"u{n % 500}", "i", float(n), session_id=f"s{n % 700}") for n in range(20_000)])
    with store._database.writing() as connection:
        connection.exec_driver_sql("ANALYZE events")
    latest = "EXPLAIN SELECT item_id FROM events WHERE user_id = ? ORDER BY timestamp DESC, sequence DESC LIMIT 5"
    plan = " ".join(row[0] for row in store._database.quick(latest, ("u7",)))
    assert "events_of_user" in plan
    assert "Sort" not in plan
    session = (
        "EXPLAIN SELECT 1 FROM events WHERE session_id = ? AND session_id != '' AND user_id = coalesce(?, user_id)"
    )
    assert "events_of_session" in " ".join(row[0] for row in store._database.quick(session, ("s1", None)))
