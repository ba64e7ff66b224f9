"""How a file of SQLite is opened: any name, and as a file that nobody changes only where nobody can."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from embedders.sqlite_place import is_still, keep_log, uri_of


@pytest.mark.parametrize("name", ["a b.db", "per%20cent.db", "what?mode=ro.db", "hash#.db", "ünï.db", "semi;colon&.db"])
def test_any_name_is_opened_as_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with closing(sqlite3.connect(uri_of(path), uri=True)) as connection:
        connection.execute("CREATE TABLE birds (name)")
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_only_without_a_log_on_a_read_only_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    path.touch()
    assert not is_still(path)
    assert not is_still(tmp_path / "missing" / "store.db")
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert is_still(path)
    assert uri_of(path).endswith("store.db?immutable=1")
    path.with_name("store.db-wal").touch()
    assert not is_still(path)
    assert uri_of(path).endswith("store.db")


def test_who_keeps_a_log_waits_for_others(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        holder.execute("CREATE TABLE t (x)")
        with closing(sqlite3.connect(path, timeout=0.0, check_same_thread=False)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                keep_log(other, seconds=0.0)
            waiting = threading.Thread(target=keep_log, args=(other,), kwargs={"seconds": 60.0})
            waiting.start()
            time.sleep(0.1)
            holder.execute("COMMIT")
            waiting.join()
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
