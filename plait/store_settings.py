"""Store settings: the section of plait.toml that says where the store is, and how it is read, written and left out."""

import json
import os
import re
import tomllib
from pathlib import Path

from pydantic import Field
from sqlalchemy import URL

from plait.errors import BadData, WrongCall
from plait.section import Section
from plait.store.places import Place
from plait.store.url import schema_of, store_url, without_password

FILE = "plait.toml"
STORE = "store.db"
VARIABLE = "PLAIT_STORE_URL"
HEADER = re.compile(r"\s*\[store\]")
OTHER = re.compile(r"\s*\[")
KEY = re.compile(r"\s*(url|schema)\s*=")


class StoreSettings(Section):
    """Where items and events are kept: in store.db, unless a database is named."""

    url: str = ""
    """postgresql+psycopg://USER@HOST:PORT/DATABASE; PLAIT_STORE_URL counts in its place."""
    schema_: str = Field(default="", alias="schema")
    """The schema of the database that is this workspace's."""

    def place(self, folder: Path) -> Place:
        """Return where the store of a workspace is. Raises WrongCall where that cannot be told, or is said twice."""
        if not self.url and not self.schema_:
            return folder / STORE
        text = os.environ.get(VARIABLE) or self.url
        if not text:
            raise WrongCall(f"{folder / FILE} names a schema of PostgreSQL; expected a url beside it, or {VARIABLE}")
        if (folder / STORE).exists():
            raise WrongCall(f"{folder} holds {STORE}, and its {FILE} names a store on PostgreSQL: expected one of them")
        schema = self.schema_ or schema_of(store_url(self.url))
        return store_url(text, schema)


def settings_of(url: URL) -> StoreSettings:
    """Return the settings that name a store, without its password."""
    return StoreSettings(url=without_password(url), schema=schema_of(url))


def with_store(text: str, settings: StoreSettings) -> str:
    """Return a plait.toml that says where the store is, and all else as before.

    Raises BadData where [store] is no section of its own.
    """
    lines, kept, inside, placed = text.splitlines(keepends=True), list[str](), False, not settings.url
    said = f"url = {json.dumps(settings.url)}\nschema = {json.dumps(settings.schema_)}\n"
    for line in lines:
        if OTHER.match(line):
            inside = HEADER.match(line) is not None
        if inside and KEY.match(line):
            continue
        kept.append(line)
        if inside and HEADER.match(line) and not placed:
            kept.append(said)
            placed = True
    changed = "".join(kept) if placed else f"{''.join(kept).rstrip()}\n\n[store]\n{said}".lstrip()
    before, after = tomllib.loads(text), tomllib.loads(changed)
    if _named(after) != (settings.url, settings.schema_) or _others(before) != _others(after):
        raise BadData(f"{FILE}: where the store is cannot be changed; expected [store] as a section of its own")
    return changed


def _named(config: dict[str, object]) -> tuple[object, object]:
    section = config.get("store", {})
    assert isinstance(section, dict), "checked when the file is read"
    return section.get("url", ""), section.get("schema", "")


def _others(config: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in config.items() if name != "store"}
