"""Rooms of tenants: which folder is open, how many are at once with those that close, and what cannot be opened."""

import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plait.errors import BadData, WrongCall
from plait.service import readings, rooms, tracing
from plait.service.tenancy import HEADER, Tenancy
from plait.service.tenant import Tenant
from plait.store import Store
from plait.store.places import Place
from plait.tenants import UNBOUNDED, Identity, Quota, add_tenant, identity_of, remove_tenant
from tests.plait.conftest import Cli
from tests.plait.service.tenants import ask, keys_in, registry_in
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("patience")
FOUR = ("acme", "bell", "corn", "dell")


@pytest.fixture
def folder(own: Path, tmp_path: Path) -> Path:
    return registry_in(tmp_path / "all", own)


class Life:
    """Counts the tenants that are there, and the most that ever were; none opens or closes while that is `held`."""

    def __init__(self) -> None:
        self.opened = list[str]()
        self.most = self._now = 0
        self.opening, self.closing = threading.Event(), threading.Event()
        self.opening.set()
        self.closing.set()
        self._lock = threading.Lock()

    def count(self, more: int, name: str = "") -> None:
        with self._lock:
            self._now += more
            self.most = max(self.most, self._now)
            self.opened += [name] if name else []


@contextmanager
def held(going_on: threading.Event) -> Iterator[None]:
    going_on.clear()
    try:
        yield
    finally:
        going_on.set()


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch) -> Life:
    told = Life()

    class Told(Tenant):
        def __init__(self, place: Path, name: str, quota: Quota, folder: Identity | None, *, keyed: bool) -> None:
            told.count(1, name)
            told.opening.wait()
            super().__init__(place, name, quota, folder, keyed=keyed)

        def close(self) -> None:
            told.closing.wait()
            super().close()
            told.count(-1)

    monkeypatch.setattr(rooms, "Tenant", Told)
    return told


@pytest.mark.parametrize("wiped", [False, True])
@pytest.mark.parametrize("busy", [False, True])
def test_one_that_was_removed_and_added_again_is_another(
    folder: Path, own: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, life: Life, busy: bool, wiped: bool
) -> None:
    """Also where nobody asked meanwhile, and the folder could get the number of the one before, which is gone."""
    monkeypatch.setattr(readings, "FRESH_SECONDS", 0.0)
    before = keys_in(folder, cli)["acme"]
    tenants = Tenancy(folder, keyed=True, needs_keys=True)
    with TestClient(tenants.app) as client:
        assert client.patch("/v1/items/space-1", json={"year": 2001}, headers=before).status_code == 200
        first = tenants._rooms.open["acme"]
        if busy:
            first.enter()
        aside = remove_tenant(folder, "acme")
        if wiped:
            shutil.rmtree(aside)
        registry_in(folder, own, ["acme"])
        after = keys_in(folder, cli, ["acme"])["acme"]
        assert client.get("/v1/items/space-1", headers=before).status_code == 401
        assert client.get("/v1/items/space-1", headers=after).json()["attributes"] == {"year": 1992.0}
        assert life.opened == ["acme", "acme"]
        assert tenants._rooms.taken == 1 + busy
        if busy:
            assert client.portal is not None
            client.portal.call(tenants._rooms.left, first)
        eventually(lambda: tenants._rooms.taken == 1)


def test_a_quota_counts_where_there_is_always_something(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "FRESH_SECONDS", 0.0)
    keys = keys_in(folder, cli)
    tenants = Tenancy(folder, keyed=True, needs_keys=True)
    with TestClient(tenants.app) as client:
        assert ask(client, keys["acme"]).status_code == 200
        tenants._rooms.open["acme"].enter()
        add_tenant(folder, "acme", Quota(bytes=1))
        assert client.patch("/v1/items/space-1", json={"year": 2001}, headers=keys["acme"]).status_code == 413


def test_those_that_close_count(
    own: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, life: Life
) -> None:
    folder = registry_in(tmp_path / "all", own, FOUR)
    keys = keys_in(folder, cli, FOUR)
    # The doors are read once: only rooms are waited for.
    monkeypatch.setattr(readings, "FRESH_SECONDS", 600.0)
    tenants = Tenancy(folder, keyed=True, needs_keys=True, most=2)
    with TestClient(tenants.app) as client:
        for name in FOUR:
            assert ask(client, {HEADER: name}).status_code == 401
        for name in FOUR[:2]:
            assert ask(client, keys[name]).status_code == 200
        with ThreadPoolExecutor(40) as people, held(life.closing):
            monkeypatch.setattr(readings, "WAIT_SECONDS", 0.01)
            for name in FOUR[2:]:
                late = ask(client, keys[name])
                assert (late.status_code, late.json()["error"]["code"]) == (503, "not_ready")
                assert late.headers["Retry-After"] == "5"
                eventually(lambda: not tenants._rooms._opening)
            assert list(tenants._rooms.open) == ["bell"], "one is closed for one that is asked"
            assert ask(client, keys["bell"]).status_code == 200
            monkeypatch.setattr(readings, "WAIT_SECONDS", 600.0)
            asking = [people.submit(ask, client, keys[name]) for name in FOUR[2:] for _ in range(9)]
            eventually(lambda: tenants._rooms._waiting.total() == 18)
            life.closing.set()
            assert {one.result().status_code for one in asking} == {200}
    assert life.most == 2


def test_who_comes_while_all_rooms_are_being_opened_waits(own: Path, tmp_path: Path, cli: Cli, life: Life) -> None:
    folder = registry_in(tmp_path / "all", own, FOUR)
    keys = keys_in(folder, cli, FOUR)
    tenants = Tenancy(folder, keyed=True, needs_keys=True, most=2)
    with TestClient(tenants.app) as client, ThreadPoolExecutor(4) as people:
        with held(life.opening):
            asking = [people.submit(ask, client, keys[name]) for name in FOUR]
            eventually(lambda: tenants._rooms._waiting.total() == 4)
            eventually(lambda: len(life.opened) == 2)
        assert {one.result().status_code for one in asking} == {200}
    assert (sorted(life.opened), life.most) == (list(FOUR), 2)


def test_one_is_opened_once_for_all_and_others_are_answered_meanwhile(folder: Path, cli: Cli, life: Life) -> None:
    keys = keys_in(folder, cli)
    tenants = Tenancy(folder, keyed=True, needs_keys=True)
    with TestClient(tenants.app) as client, ThreadPoolExecutor(51) as people:
        assert ask(client, keys["bell"]).status_code == 200
        with held(life.opening):
            asking = [people.submit(ask, client, keys["acme"]) for _ in range(50)]
            eventually(lambda: tenants._rooms._waiting["acme"] == 50)
            other = people.submit(ask, client, keys["bell"])
            eventually(other.done)
            assert other.result().status_code == 200
        assert {one.result().status_code for one in asking} == {200}
    assert life.opened == ["bell", "acme"]


def test_one_that_asks_for_traces_that_nobody_can_send(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, life: Life
) -> None:
    keys = keys_in(folder, cli)
    monkeypatch.setattr(tracing, "NEEDED", ("no_such_module",))
    monkeypatch.setattr(readings, "FRESH_SECONDS", 600.0)
    page = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET", HEADER: "acme"}
    said = '[service]\ntracing = "http://127.0.0.1:4318"\norigins = ["https://shop.example"]\n'
    (folder / "acme" / "plait.toml").write_text(said, encoding="utf-8")
    with TestClient(Tenancy(folder, keyed=True, needs_keys=True).app) as client:
        for _ in range(3):
            shut = ask(client, keys["acme"])
            assert (shut.status_code, shut.json()["error"]["code"]) == (503, "unavailable")
            assert "OpenTelemetry is not installed" in shut.text
        told = client.options("/v1/items", headers=page)
        assert told.status_code == 503
        assert "OpenTelemetry" not in told.text, "what a page says of itself is a stranger's word"
        assert life.opened == ["acme"], "it is not tried again at once"


def test_what_was_opened_is_closed_where_the_rest_fails(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "NEEDED", ("no_such_module",))
    (own / "plait.toml").write_text('[service]\ntracing = "http://127.0.0.1:4318"\n', encoding="utf-8")
    opened, closed = list[Store](), list[Store]()
    really_open, really_close = Store.open, Store.close

    def opening(place: Place) -> Store:
        opened.append(really_open(place))
        return opened[-1]

    def closing(store: Store) -> None:
        closed.append(store)
        really_close(store)

    monkeypatch.setattr(Store, "open", opening)
    monkeypatch.setattr(Store, "close", closing)
    with pytest.raises(WrongCall, match="OpenTelemetry is not installed"):
        Tenant(own, "acme", UNBOUNDED, identity_of(own), keyed=True)
    assert opened
    assert closed[-len(opened) :] == opened
    assert not [path for path in open_files() if path.startswith(str(own.resolve()))]


def test_a_folder_is_held_so_that_no_other_gets_its_number(own: Path) -> None:
    tenant = Tenant(own, "acme", UNBOUNDED, identity_of(own), keyed=True)
    assert str(own.resolve()) in open_files()
    tenant.close()
    assert str(own.resolve()) not in open_files()
    with pytest.raises(BadData, match="exchanged"):
        Tenant(own, "acme", UNBOUNDED, identity_of(own.parent), keyed=True)


def open_files() -> Iterator[str]:
    """Yield the files and folders that this process has open."""
    for each in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):
            # It was closed since.
            yield os.readlink(f"/proc/self/fd/{each}")
