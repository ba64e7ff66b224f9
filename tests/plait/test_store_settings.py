"""[store] of plait.toml: which place it names, and how it is written into a file that says other things."""

import tomllib
from pathlib import Path

import pytest

from plait.config import FILE, default_config, read_config
from plait.errors import BadData, WrongCall
from plait.store.url import place_of, store_url
from plait.store_settings import VARIABLE, StoreSettings, settings_of, with_store
from plait.workspace import Workspace

URL = "postgresql+psycopg://plait@db.example/shop"
NAMED = StoreSettings(url=URL, schema="toys")


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def place(folder: Path, settings: StoreSettings) -> str:
    found = settings.place(folder)
    return str(found) if isinstance(found, Path) else place_of(found)


def test_a_file_unless_a_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place(tmp_path, StoreSettings()) == str(tmp_path / "store.db")
    assert place(tmp_path, NAMED) == "postgresql://plait@db.example/shop?schema=toys"
    # The variable says how a database is reached, never that one is used.
    monkeypatch.setenv(VARIABLE, "postgresql://other:secret@elsewhere/shop?schema=wrong")
    assert place(tmp_path, StoreSettings()) == str(tmp_path / "store.db")
    assert place(tmp_path, NAMED) == "postgresql://other@elsewhere/shop?schema=toys"
    assert place(tmp_path, StoreSettings(schema="books")) == "postgresql://other@elsewhere/shop?schema=books"
    assert place(tmp_path, StoreSettings(url=f"{URL}?schema=own")) == "postgresql://other@elsewhere/shop?schema=own"


def test_a_schema_needs_a_url(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=f"names a schema of PostgreSQL; expected a url beside it, or {VARIABLE}"):
        StoreSettings(schema="toys").place(tmp_path)


def test_two_stores_are_refused(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    with pytest.raises(WrongCall, match=r"holds store\.db, and its plait\.toml names a store on PostgreSQL"):
        NAMED.place(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "", default_config(), '[text]\ncolumns = ["a"]',
        '[store]\nurl = "x"\n# a word\n[text]\ncolumns = ["url = 1"]\n',
        '[store]\nschema = "other"\n\n[[rules.pins]]\nplace = 1\nitem = "a"\n', '[events]\nweights = { url = 1.0 }\n',
    ],
)  # fmt: skip
def test_it_is_written_and_left_out_again(text: str) -> None:
    written = with_store(text, NAMED)
    before, after = tomllib.loads(text), tomllib.loads(written)
    assert after.pop("store") == {"url": URL, "schema": "toys"}
    before.pop("store", None)
    assert after == before
    assert with_store(written, NAMED) == written
    left = tomllib.loads(with_store(written, StoreSettings()))
    assert left.pop("store") == {}
    assert left == before


@pytest.mark.parametrize("text", ['store = { url = "x" }\n', 'store.url = "x"\n', '[store]\n"url" = "x"\n'])
def test_a_form_that_cannot_be_changed_is_refused(text: str) -> None:
    with pytest.raises(BadData, match=r"expected \[store\] as a section of its own"):
        with_store(text, StoreSettings())


def test_a_password_is_not_written(tmp_path: Path) -> None:
    text = default_config(store=settings_of(store_url("postgresql://plait:sealed-word@db.example/shop?schema=toys")))
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert "sealed-word" not in text
    assert read_config(tmp_path).store == NAMED


def test_a_workspace_in_a_file_is_not_built_into_a_database(own_once: Path) -> None:
    with pytest.raises(WrongCall, match=r"holds store\.db; `plait backup` and `plait restore --store` move it to post"):
        Workspace.create(own_once, store=URL)


def test_another_database_than_the_settings_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(with_store("", NAMED), encoding="utf-8")
    with pytest.raises(WrongCall, match=r"plait\.toml names another store than postgresql://plait@db\.example/shop\?"):
        Workspace.create(tmp_path, store=URL)
