"""Keys: a scope for each route, what is stored of them, how often they may ask; headers of every answer."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from plait import Recommender
from plait.cli import run
from plait.errors import BadData, WrongCall
from plait.service import page_files
from plait.service.access import Keyring
from plait.service.app import create_app
from plait.service.headers import HEADERS
from plait.service.keys import META, Keys, add_key, read_keys, remove_key
from plait.service.page_routes import router
from plait.service.rates import Buckets, Rate
from plait.service.routes import ROUTERS
from plait.service.running import _is_loopback
from plait.service.scopes import OPEN, SCOPES, Scope, scope_of
from plait.service_settings import Service

ROUTES = sorted(
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
)


@pytest.fixture
def keyed(recommender: Recommender) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """Return a client of a service that asks for keys, and a key of each scope."""
    store = recommender.workspace.store
    keys = {scope.value: add_key(store, scope.value, scope) for scope in Scope}
    settings = Service(origins=("https://shop.example",))
    with TestClient(create_app(recommender, settings), raise_server_exceptions=False) as client:
        yield client, keys


PAGE = [
    ("GET", path) for path in ("/", "/static/{name}", "/v1/cards", "/v1/users", "/v1/map", "/v1/quality", "/v1/live")
]


def test_each_route_has_a_scope_and_each_scope_a_route() -> None:
    assert {*ROUTES, *PAGE, ("GET", "/openapi.json")} == set(SCOPES) | OPEN


def test_the_page_has_just_these_routes() -> None:
    named = {("GET", route.path) for route in router.routes if isinstance(route, APIRoute)}
    named |= {("GET", route.path) for route in page_files.router.routes if isinstance(route, APIRoute)}
    assert named == set(PAGE)


def test_wrong_and_unknown_are_told_alike(keyed: tuple[TestClient, dict[str, str]]) -> None:
    client, keys = keyed
    wrong = [{}, {"X-API-Key": keys["read"][:-1]}, {"Authorization": "Bearer plait_x"}, {"Authorization": keys["read"]}]
    told = []
    for headers in wrong:
        for path in ("/v1/items/space-1", "/nowhere"):
            answer = client.get(path, headers={**headers, "X-Request-ID": "r"})
            told.append((answer.status_code, answer.text, answer.headers["WWW-Authenticate"]))
    assert len(set(told)) == 1
    assert told[0][0] == 401
    assert client.get("/v1/items/space-1", headers={"Authorization": f"Bearer {keys['read']}"}).status_code == 200
    assert client.get("/nowhere", headers={"X-API-Key": keys["read"]}).status_code == 404


def test_only_a_hash_is_stored(recommender: Recommender) -> None:
    store = recommender.workspace.store
    made = add_key(store, "shop", Scope.WRITE, "60/m")
    assert made[6:] not in (store.meta(META) or "")
    keys = read_keys(store)
    assert keys is not None
    assert (keys.named(made), keys.named(made + "x"), keys.named("\ud800")) == ("shop", None, None)
    with pytest.raises(WrongCall, match="already"):
        add_key(store, "shop", Scope.READ)
    remove_key(store, "shop")
    left = read_keys(store)
    assert left is not None, "a service whose last key is removed lets nobody in"
    assert not left.by_name


def test_a_keyring_reads_anew_and_survives_a_store_that_cannot_be_read() -> None:
    found: list[Keys | Exception | None] = [BadData("torn"), None, Keys("00", {}), BadData("torn"), None]

    def read() -> Keys | None:
        one = found.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    ring = Keyring(read)
    with pytest.raises(BadData):
        asyncio.run(ring.keys(0.0))
    read_at = [asyncio.run(ring.keys(at)) for at in (0.0, 0.9, 1.1, 2.2, 3.3)]
    assert read_at == [None, None, Keys("00", {}), Keys("00", {}), None]


def test_a_store_that_does_not_answer_is_asked_once_and_holds_up_no_loop() -> None:
    asked, gate = [], threading.Event()

    def read() -> Keys | None:
        asked.append(1)
        return Keys("00", {}) if gate.wait(60) else None

    async def all_at_once() -> list[Keys | None]:
        ring = Keyring(read)
        waiting = [asyncio.create_task(ring.keys(0.0)) for _ in range(50)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(all_at_once()) == [Keys("00", {})] * 50
    assert len(asked) == 1


@given(st.integers(1, 5), st.lists(st.integers(0, 40), max_size=60))
def test_a_bucket_lets_through_what_its_rate_says(count: int, steps: list[int]) -> None:
    rate, buckets, now, passed = Rate(count, 10), Buckets(), 0.0, list[float]()
    for step in steps:
        now += step / 10
        wait = buckets.wait("a", rate, now)
        if wait:
            assert wait <= 10 / count + 1
        else:
            passed.append(now)
    for first, at in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= count + (passed[last] - at) * count / 10 + 1e-6


def test_what_is_charged_is_waited_for() -> None:
    rate, buckets = Rate(60, 60), Buckets()
    assert buckets.wait("a", rate, 0.0) == 0
    buckets.charge("a", 69)
    buckets.charge("nobody", 9)
    assert buckets.wait("nobody", rate, 0.0) == 0
    assert buckets.wait("a", rate, 0.0) == 11
    assert buckets.wait("a", rate, 10.0) == 1
    assert buckets.wait("a", rate, 11.0) == 0


def test_who_asks_too_often_waits(recommender: Recommender) -> None:
    key = add_key(recommender.workspace.store, "few", Scope.READ, "2/h")
    with TestClient(create_app(recommender), raise_server_exceptions=False) as client:
        answers = [client.get("/v1/items", headers={"X-API-Key": key}) for _ in range(3)]
        assert client.get("/health").status_code == 200
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1_700 < int(answers[2].headers["Retry-After"]) <= 1_800


def test_ready_says_whether_a_key_is_asked_for(keyed: tuple[TestClient, dict[str, str]], own: Path) -> None:
    open_one = create_app(Recommender.open(own), Service(warm=()), keyed=False)
    with TestClient(open_one) as client:
        told = [_until_ready(one)["keyed"] for one in (keyed[0], client)]
    assert told == [True, False]


def _until_ready(client: TestClient) -> dict[str, object]:
    for _ in range(3_000):
        answer = client.get("/ready")
        if answer.status_code == 200:
            return dict(answer.json())
        time.sleep(0.01)
    raise AssertionError("it does not become ready")


def test_headers_of_every_answer(keyed: tuple[TestClient, dict[str, str]]) -> None:
    client, keys = keyed
    for path in ("/health", "/nowhere", "/v1/items", "/openapi.json", "/docs"):
        answer = client.get(path, headers={"X-API-Key": keys["read"]})
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    ours = client.options("/v1/events", headers={"Origin": "https://shop.example", **asks})
    assert (ours.status_code, ours.headers["Access-Control-Allow-Origin"]) == (200, "https://shop.example")
    others = client.options("/v1/events", headers={"Origin": "https://evil.example", **asks})
    assert "Access-Control-Allow-Origin" not in others.headers


@pytest.mark.parametrize(("host", "own"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)])
def test_loopback(host: str, own: bool) -> None:
    assert _is_loopback(host) == own


def test_no_other_address_without_keys(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", str(own), "--host", "0.0.0.0", "--port", "0"]) == 2
    assert "there is no key" in capsys.readouterr().err
    assert run(["keys", str(own), "add", "shop", "--scope", "write", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["key"].startswith("plait_")
    assert run(["keys", str(own), "list"]) == 0
    assert "plait_" not in capsys.readouterr().out
    assert run(["keys", str(own), "add", "odd", "--rate", "many"]) == 2


def test_what_no_route_answers_asks_for_a_key() -> None:
    assert scope_of("GET", "/v1/users/a%2Fb/data") == Scope.ADMIN
    assert scope_of("TRACE", "/health") == scope_of("GET", "/health/") == Scope.READ
