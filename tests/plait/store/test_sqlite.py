"""What is particular to SQLite: durability, locks, refusals, and what a quick look costs."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event as engine_event

from plait.errors import BadData
from plait.records import Interaction
from plait.store import Store, sqlite
from plait.store.event_reads import LATEST, SEEN
from plait.store.sqlite import SQLiteFile
from tests.plait.store.samples import event, stored


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.create(path) as store:
        yield store


def test_every_connection_is_durable_and_waits(store: Store) -> None:
    for block in (store._database.writing, store._database.reading):
        with block() as connection:
            said = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                    ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")}  # fmt: skip
            assert said == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 60_000, "foreign_keys": 1}
            assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == 8_000
            assert connection.exec_driver_sql("PRAGMA cache_size").scalar() == -8_000
    assert store._database.quick("PRAGMA busy_timeout") == [(60_000,)]


def test_a_writer_has_the_lock_from_its_start(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with store.write():
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM items").fetchone() == (0,)
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_reader_takes_no_lock(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with store._database.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM items")
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    other.close()


def statements_of(store: Store) -> list[str]:
    """Return a list that gathers what the kept connection is asked from now on."""
    asked: list[str] = []
    assert isinstance(store._database, SQLiteFile)
    store._database._connection().set_trace_callback(asked.append)
    return asked


def test_the_counter_is_read_only_when_the_file_changed(store: Store, path: Path) -> None:
    store.sequence()
    asked = statements_of(store)
    assert [store.sequence() for _ in range(3)] == [0, 0, 0]
    assert asked == ["PRAGMA data_version"] * 3
    with store.write() as change:
        change.record([event(1)])
    asked.clear()
    assert [store.sequence() for _ in range(2)] == [1, 1]
    assert asked == ["PRAGMA data_version", "SELECT sequence FROM counter", "PRAGMA data_version"]
    with Store.open(path) as other, other.write() as change:
        change.record([event(2)])
    assert store.sequence() == 2


@pytest.mark.parametrize("statement", [LATEST, SEEN, "SELECT count(*) FROM events WHERE user_id = ?"])
def test_a_users_events_are_found_by_index(store: Store, statement: str) -> None:
    parameters = ("u", 5)[: statement.count("?")]
    plan = " ".join(row[3] for row in store._database.quick(f"EXPLAIN QUERY PLAN {statement}", parameters))
    assert "SEARCH events USING" in plan
    assert "events_of_user (user_id=?)" in plan
    assert statement != LATEST or "TEMP B-TREE" not in plan


@pytest.mark.parametrize("statement", ["SELECT * FROM items WHERE sequence > 5 ORDER BY sequence",
                                       "SELECT * FROM events WHERE sequence > 5 ORDER BY sequence",
                                       "SELECT count(*) FROM items WHERE removed = 0"])  # fmt: skip
def test_a_tail_and_a_count_read_no_whole_table(store: Store, statement: str) -> None:
    plan = " ".join(row[3] for row in store._database.quick(f"EXPLAIN QUERY PLAN {statement}"))
    assert "SEARCH" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan


def test_a_full_disk_is_one_line_and_changes_nothing(store: Store) -> None:
    assert isinstance(store._database, SQLiteFile)

    @engine_event.listens_for(store._database._engine, "connect")
    def _bound(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")

    store.close()
    with store.write() as change:
        change.record([event(1)])
    with pytest.raises(BadData) as refused, store.write() as change:
        change.upsert_items(stored(f"i{n}", "long " * 100) for n in range(3_000))
    assert str(refused.value) == f"{store.place}: the disk is full; nothing was stored"
    assert store.counts() == {"items": 0, "events": 1, "users": 0, "relations": 0, "exposures": 0}
    with store.write() as change:
        change.record([event(2)])
    assert store.sequence() == 2


def test_waiting_too_long_is_one_line(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PRAGMAS", ("PRAGMA busy_timeout=50", *sqlite.PRAGMAS[1:]))
    store.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BadData, match="another process has been writing for 60 seconds; try again"), store.write():
        pytest.fail("wrote beside another writer")
    assert store.item_count() == 0
    other.close()


@pytest.mark.parametrize("content", [b"not a database at all, " * 400, b"PK\x03\x04", b"\x00" * 4096])
def test_a_file_of_another_kind(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BadData, match="the file is no store"):
        Store.open(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="the file cannot be opened; expected a folder that exists"):
        Store.create(tmp_path / "missing" / "store.db")


def test_damage_is_named(store: Store, path: Path) -> None:
    with store.write() as change:
        change.record([event(n) for n in range(3_000)])
    store.close()
    content = bytearray(path.read_bytes())
    for page in range(8, len(content) // 4096, 3):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)
    with Store.open(path) as damaged:
        problems = damaged.problems()
        assert problems == [f"{path}: the file is damaged"]
        with pytest.raises(BadData, match="the file is damaged"):
            list(damaged.events())


def test_an_index_that_lost_entries_is_named(store: Store, path: Path) -> None:
    with store.write() as change:
        change.record([event(n) for n in range(10)])
    store.close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA writable_schema = ON")
    raw.execute("UPDATE sqlite_master SET sql = replace(sql, 'timestamp, sequence', 'value, sequence')")
    raw.commit()
    raw.close()
    with Store.open(path) as damaged:
        assert damaged.problems()
        assert all(problem.startswith("store.db: ") for problem in damaged.problems())


def test_a_slot_needs_its_exposure(store: Store) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"), store._database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO exposure_slots VALUES ('missing', 1, 'a', 1.0)")


def test_quick_reads_take_more_values_than_a_statement_holds(store: Store) -> None:
    with store.write() as change:
        change.upsert_items([stored("i7", "seven")])
    assert store.titles([f"i{n}" for n in range(40_000)]) == {"i7": "seven"}
    assert store.known_items([f"i{n}" for n in range(40_000)]) == {"i7"}
    assert store.titles([]) == {}


def test_hot_reads_need_no_event_to_be_there(store: Store) -> None:
    expected: dict[str, list[Interaction]] = {"nobody": []}
    assert store.recent_interactions(["nobody"], 200) == expected
    assert store.recent_interactions([], 200) == {}
