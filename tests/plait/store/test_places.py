"""Places: what reads one is loaded when it is needed, and named where it is missing."""

import sys
from pathlib import Path

import pytest

from plait.errors import BadData
from plait.store import Store
from plait.store.url import store_url


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delitem(sys.modules, "plait.store.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BadData) as refused:
        Store.open(store_url("postgresql://plait:sealed-word@db.example/shop"))
    assert str(refused.value) == "a store on PostgreSQL needs psycopg: pip install 'plait[postgresql]'"
    with Store.create(tmp_path / "store.db") as store:
        assert store.sequence() == 0
