"""Stores of older and newer programs, and files that are none."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from embedders.items import Item, Strand
from plait.errors import BadData
from plait.records import Event, Exposure, Relation, User
from plait.store import Store, StoredItem, versions
from plait.store.places import Place
from tests.plait.store.samples import event, interaction, stored

VERSION_1 = (Path(__file__).parent / "version_1.sql").read_text(encoding="utf-8")
"""A store as version 1 wrote it. Later versions migrate it; it is never edited."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return the file of a version-1 store."""
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1)
    connection.close()
    return path


def version_in(path: Path) -> str:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()[0]
    connection.close()
    return str(found)


def test_a_version_1_store_keeps_all_it_has(old: Path) -> None:
    first = Item(
        "007", "A title", "A description", "/media/a.png", "/media/a.ogg", ("one", "two"), 1.5e9,
        {"year": 1999.0, "tags": ("x", "y"), "colour": "red"},
    )  # fmt: skip
    with Store.open(old) as store:
        assert list(store.items(include_removed=True)) == [
            StoredItem(first, {Strand.TEXT: "t" * 64, Strand.IMAGE: "i" * 64}, 1),
            StoredItem(Item("NA", "Not available"), sequence=2),
            StoredItem(Item("gone"), sequence=4, removed=True),
        ]
        assert [one for batch in store.events() for one in batch] == [
            Event("u", "007", 1.7e9, "rating", 4.5, "e1", "s1", "r1"),
            Event("u", "gone", 1.7e9 + 1, "view"),
            Event("v", "", 1.7e9 + 2, "search", query="socks"),
        ]
        assert list(store.users()) == [User("u", {"age": 30.0})]
        assert store.relations() == [Relation("u", "v", 0.5)]
        assert store.exposures("u") == [Exposure("r1", "u", 1.7e9, "plain", ("007", "NA"), (1.0, 0.5))]
        assert store.attribute_types() == {"year": "number"}
        assert store.meta("own.text") == "abc"
        assert store.sequence() == 10
        with store.lease("compactor") as lease:
            assert lease is not None
            assert lease.token == 2
        with store.write() as change:
            assert change.record([Event("u", "gone", 1.7e9 + 1, "view"), event(1)]).duplicates == 1
            assert change.upsert_items([stored("NA", "other")]).updated == 1
    assert version_in(old) == str(versions.version())


def tables_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: connection.execute(f"SELECT * FROM pragma_table_info('{name}')").fetchall() for name in names}
    connection.close()
    return found


def indexes_of(path: Path) -> set[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    query = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    found: set[tuple[str, ...]] = {
        (name, table, " ".join(sql.split())) for name, table, sql in connection.execute(query)
    }
    connection.close()
    return found


def test_a_migrated_store_has_the_tables_and_indexes_of_a_new_one(old: Path, tmp_path: Path) -> None:
    Store.open(old).close()
    Store.create(tmp_path / "new.db").close()
    assert tables_of(old) == tables_of(tmp_path / "new.db")
    assert indexes_of(old) == indexes_of(tmp_path / "new.db")


def add_column(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE users ADD COLUMN first INTEGER NOT NULL DEFAULT 7"))


def double_column(connection: Connection) -> None:
    connection.execute(text("UPDATE users SET first = first * 2"))


def fail(connection: Connection) -> None:
    connection.execute(text("UPDATE users SET first = 0"))
    raise RuntimeError("cannot go on")


def first_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT first FROM users").fetchone()[0]
    connection.close()
    return int(found)


def test_migrations_run_in_order_and_once(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MIGRATIONS", (add_column,))
    Store.open(old).close()
    assert (version_in(old), first_of(old)) == ("2", 7)
    monkeypatch.setattr(versions, "MIGRATIONS", (add_column, double_column, double_column))
    Store.open(old).close()
    Store.open(old).close()
    assert (version_in(old), first_of(old)) == ("4", 28)


def test_a_migration_that_fails_leaves_the_store_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MIGRATIONS", (add_column, fail))
    with pytest.raises(RuntimeError):
        Store.open(old)
    assert version_in(old) == "1"
    monkeypatch.undo()
    with Store.open(old) as store:
        assert list(store.users()) == [User("u", {"age": 30.0})]


def test_a_newer_store_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    with monkeypatch.context() as newer:
        newer.setattr(versions, "MIGRATIONS", (*versions.MIGRATIONS, add_column))
        Store.create(path).close()
    made = versions.version() + 1
    with pytest.raises(BadData) as refused:
        Store.open(path)
    message = str(refused.value)
    assert f"has schema version {made}; this Plait knows up to {versions.version()}: upgrade Plait" in message
    assert str(path) in message
    assert "\n" not in message
    assert version_in(path) == str(made)


def test_a_store_is_created_once(fresh: Callable[[], Place]) -> None:
    path = fresh()
    with Store.create(path) as store, store.write() as change:
        change.record([event(1)])
    with pytest.raises(BadData, match="is a store already"):
        Store.create(path)
    with Store.open(path) as store:
        assert store.counts()["events"] == 1


def test_a_file_cut_off_before_its_first_commit_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    with Store.open(path) as store:
        assert store.sequence() == 0
        with store.write() as change:
            change.record([event(1)])
    with Store.open(path) as store:
        assert store.sequence() == 1


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="is missing; expected a store"):
        Store.open(tmp_path / "store.db")
    assert list(tmp_path.iterdir()) == []


def test_another_database_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE birds (name)")
    connection.close()
    for attempt in (Store.open, Store.create):
        with pytest.raises(BadData, match="is no store, but a database with the tables birds"):
            attempt(path)


def test_a_version_that_is_no_number(fresh: Callable[[], Place]) -> None:
    path = fresh()
    with Store.create(path) as store, store.write() as change:
        change.set_meta({versions.KEY: "new"})
    with pytest.raises(BadData, match="has schema version 'new'; expected a number"):
        Store.open(path)


@pytest.mark.parametrize("name", ["a b.db", "per%20cent.db", "what?.db", "hash#.db", "ünï.db", "semi;colon.db"])
def test_any_file_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with Store.create(path) as store, store.write() as change:
        change.record([event(1)])
    assert path.is_file()
    with Store.open(path) as store:
        assert store.sequence() == 1
        assert store.recent_interactions(["user"], 1) == {"user": [interaction(event(1))]}
