"""Doors of tenants that cannot be read: others are answered meanwhile, and strangers are told nothing of it."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from plait.errors import BadData
from plait.service import doors, readings
from plait.service.doors import Door, read_door
from plait.service.logs import JsonLines
from plait.service.readings import Readings
from plait.service.tenancy import HEADER, Tenancy
from plait.tenants import UNBOUNDED, add_tenant, remove_tenant
from tests.plait.conftest import Cli
from tests.plait.service.tenants import ask, keys_in, registry_in
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("patience")
BROKEN = '[service]\nthreads = "a secret of theirs"\n'


@pytest.fixture
def folder(own: Path, tmp_path: Path) -> Path:
    """Return a registry of two tenants."""
    return registry_in(tmp_path / "all", own)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[TestClient, Tenancy]]:
    """Serve a registry in this process."""
    tenants = Tenancy(folder, keyed=True, needs_keys=True)
    with TestClient(tenants.app, raise_server_exceptions=False) as client:
        yield client, tenants


class Reading:
    """Reads doors; those of one tenant only once it is let on. It counts, and `fails` after that if it is to."""

    def __init__(self, name: str, *, fails: bool = False) -> None:
        self.name = name
        self.fails = fails
        self.on = threading.Event()
        self.read = Counter[str]()

    def __call__(self, place: Path) -> Door:
        self.read[place.name] += 1
        if place.name == self.name:
            self.on.wait()
            if self.fails:
                raise BadData(f"{place} is on a machine that is down")
        return read_door(place)


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch, name: str, *, fails: bool = False) -> Iterator[Reading]:
    """Hold up who reads the door of a tenant until the block ends at the latest."""
    reading = Reading(name, fails=fails)
    monkeypatch.setattr(doors, "read_door", reading)
    try:
        yield reading
    finally:
        reading.on.set()


def test_one_that_cannot_be_reached_holds_up_no_other(folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = keys_in(folder, cli)
    monkeypatch.setattr(readings, "FRESH_SECONDS", 600.0)
    with (
        serving(folder) as (client, tenants),
        ThreadPoolExecutor(101) as people,
        held(monkeypatch, "acme", fails=True) as reading,
    ):
        # More than the threads of the server.
        asking = [people.submit(ask, client, keys["acme"]) for _ in range(50)]
        asking += [people.submit(ask, client, {HEADER: "acme"}) for _ in range(50)]
        eventually(lambda: tenants._doors._waiting["acme"] == 100)
        other = people.submit(ask, client, keys["bell"])
        eventually(other.done)
        assert other.result().status_code == 200
        assert not any(one.done() for one in asking)
        reading.on.set()
        assert {one.result().status_code for one in asking} == {401}
        assert ask(client, keys["acme"]).status_code == 401
        assert reading.read["acme"] == 1, "what could not be read is not tried again at once"


def test_so_many_wait_for_one_and_so_long(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove_tenant(folder, "bell")
    names = ("acme", "nobody", "no-other", "")
    with (
        serving(folder) as (client, tenants),
        ThreadPoolExecutor(10) as people,
        held(monkeypatch, "acme") as reading,
    ):

        def asked(name: str) -> Future[Any]:
            return people.submit(ask, client, {HEADER: name})

        def told(asking: list[Future[Any]]) -> set[tuple[int, str, str]]:
            eventually(lambda: all(one.done() for one in asking))
            found = [one.result() for one in asking]
            return {(one.status_code, one.text, one.headers.get("Retry-After", "")) for one in found}

        monkeypatch.setattr(tenants._doors, "_most", 2)
        waiting = [asked("acme"), asked("nobody")]
        eventually(lambda: tenants._doors._waiting["acme"] == 2)
        sent_away = told([asked(name) for name in names])
        assert [(status, json.loads(text)["error"]["code"], again) for status, text, again in sent_away] == [
            (503, "not_ready", "5")
        ]
        monkeypatch.setattr(tenants._doors, "_most", 100)
        monkeypatch.setattr(readings, "WAIT_SECONDS", 0.01)
        assert told([asked(name) for name in names]) == sent_away, "who has waited for long enough is told the same"
        monkeypatch.setattr(readings, "WAIT_SECONDS", 600.0)
        reading.on.set()
        assert {status for status, *_ in told(waiting)} == {401}


def test_what_takes_long_takes_not_the_threads_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "MOST_THREADS", 1)
    monkeypatch.setattr(readings, "FRESH_SECONDS", 0.0)
    # Whatever was read once took longer.
    monkeypatch.setattr(readings, "SLOW_SECONDS", -1.0)
    began, on = threading.Event(), threading.Event()

    def read(name: str, before: int | None) -> int:
        if name == "dead" and before is not None:
            began.set()
            on.wait()
        return (before or 0) + 1

    async def go() -> None:
        found = Readings[int](read)
        assert await found.of("dead") == 1
        again = asyncio.create_task(found.of("dead"))
        await asyncio.to_thread(began.wait)
        assert await asyncio.wait_for(found.of("well"), 60) == 1
        on.set()
        assert await again == 2
        found.close()

    try:
        asyncio.run(go())
    finally:
        on.set()


def test_a_stranger_is_told_nothing_of_what_is_wrong(
    folder: Path, cli: Cli, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = keys_in(folder, cli)
    well = (folder / "acme" / "plait.toml").read_text(encoding="utf-8")
    (folder / "acme" / "plait.toml").write_text(BROKEN, encoding="utf-8")
    remove_tenant(folder, "bell")
    monkeypatch.setattr(readings, "FRESH_SECONDS", 0.0)
    strangers = [{}, {HEADER: "nobody"}, {HEADER: "acme"}, {"X-API-Key": "plait_acme.x"}, {"X-API-Key": "x"}]
    with serving(folder) as (client, tenants), caplog.at_level("INFO", "plait.service"):

        def told() -> set[tuple[int, str]]:
            answers = [client.get("/v1/models", headers={**one, "X-Request-ID": "r"}) for one in strangers]
            return {(answer.status_code, answer.text) for answer in answers}

        (refused,) = told()
        assert refused[0] == 401
        # Nobody's key is known yet.
        assert client.get("/v1/models", headers={**keys["acme"], "X-Request-ID": "r"}).text == refused[1]
        lines = [JsonLines().format(record) for record in caplog.records]
        found = [json.loads(line) for line in lines if "a tenant's door cannot be read" in line]
        assert {one["tenant"] for one in found} == {"acme"}
        assert all("acme/plait.toml" in one["said"] for one in found)
        assert not any(
            said in line for line in lines for said in ("a secret of theirs", "nobody", keys["acme"]["X-API-Key"])
        )
        (folder / "acme" / "plait.toml").write_text(well, encoding="utf-8")
        assert client.get("/v1/models", headers=keys["acme"]).status_code == 200
        (folder / "acme" / "plait.toml").write_text(BROKEN, encoding="utf-8")
        assert client.get("/v1/models", headers=keys["acme"]).status_code == 200, "it is open, and its keys are known"
        assert client.portal is not None
        client.portal.call(tenants._rooms.keep, ())
        shut = client.get("/v1/models", headers=keys["acme"])
        assert (shut.status_code, shut.json()["error"]["code"]) == (503, "unavailable")
        assert "service.threads" in shut.text, "who has a key is told"
        assert "cannot be opened" not in caplog.text, "no room is taken for what cannot be read"
        assert told() == {refused}


def test_the_door_of_another_folder_is_not_kept(
    folder: Path, own: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of a workspace that was moved aside open nothing where the new one's cannot be read."""
    keys = keys_in(folder, cli)
    monkeypatch.setattr(readings, "FRESH_SECONDS", 0.0)
    with serving(folder) as (client, _):
        assert ask(client, keys["acme"]).status_code == 200
        remove_tenant(folder, "acme")
        registry_in(folder, own, ["acme"])
        (folder / "acme" / "plait.toml").write_text(BROKEN, encoding="utf-8")
        assert ask(client, keys["acme"]).status_code == 401


def test_a_folder_that_cannot_be_looked_at_is_not_another(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = keys_in(folder, cli)
    monkeypatch.setattr(readings, "FRESH_SECONDS", 0.0)
    with serving(folder) as (client, _):
        assert ask(client, keys["acme"]).status_code == 200

        def unseen(_: Path) -> None:
            return None

        def gone(_: Path) -> None:
            raise OSError("stale file handle")

        monkeypatch.setattr("plait.service.doors.identity_of", unseen)
        monkeypatch.setattr("plait.service.doors.read_door", gone)
        assert ask(client, keys["acme"]).status_code == 200
        assert ask(client, {HEADER: "acme"}).status_code == 401


def test_a_list_that_cannot_be_read_is_the_one_before(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keys = keys_in(folder, cli)
    monkeypatch.setattr(readings, "FRESH_SECONDS", 0.0)
    with serving(folder) as (client, _):
        assert ask(client, keys["acme"]).status_code == 200
        (folder / "tenants.json").write_text("{")
        assert ask(client, keys["acme"]).status_code == 200
    assert "the list of tenants cannot be read" in caplog.text
    with serving(folder) as (client, _):
        assert ask(client, keys["acme"]).status_code == 401


def test_a_database_that_refuses_and_one_that_is_not_named(folder: Path, cli: Cli) -> None:
    """Neither is a tenant without a workspace, whom nobody is asked a key for on loopback."""
    keys = keys_in(folder, cli)
    for name, store in (("far", 'url = "postgresql+psycopg://plait@127.0.0.1:1/plait"\n'), ("lost", "")):
        place = add_tenant(folder, name, UNBOUNDED)
        (place / "plait.toml").write_text(f'[store]\n{store}schema = "{name}"\n', encoding="utf-8")
    with TestClient(Tenancy(folder, keyed=True, needs_keys=False).app) as client:
        for name in ("far", "lost"):
            assert ask(client, {HEADER: name}).status_code == 401
        assert ask(client, keys["bell"]).status_code == 200
