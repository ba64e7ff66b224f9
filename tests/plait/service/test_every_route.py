"""Every route by every key; what a stranger can learn of keys; what the log says of anybody."""

import hashlib
import hmac
import io
import json
import logging
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from plait import Recommender
from plait.service import keys as module
from plait.service.app import create_app
from plait.service.keys import add_key, read_keys, remove_key
from plait.service.lanes import Lane
from plait.service.logs import JsonLines, without_quoted
from plait.service.scopes import OPEN, SCOPES, Scope
from plait.service_settings import Service
from tests.plait.service.every_route import BODIES, ID, every_route, path_of

Keyed = tuple[TestClient, dict[str, str]]
RANKS = {"none": 0, "wrong": 0, "read": 1, "write": 2, "admin": 3}


@pytest.fixture
def keyed(recommender: Recommender) -> Iterator[Keyed]:
    """Return a client of a service that asks for keys, and a key of each scope, a wrong one and none."""
    keys = {scope.value: add_key(recommender.workspace.store, scope.value, scope) for scope in Scope}
    app = create_app(recommender, Service(max_body_bytes=5_000))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, {**keys, "wrong": module.PREFIX + secrets.token_urlsafe(module.KEY_BYTES), "none": ""}


def sent(keyed: Keyed, name: str, method: str, template: str, **more: Any) -> Any:
    """Send what a route takes, with a key."""
    client, keys = keyed
    headers = {"X-API-Key": keys[name]} if keys[name] else {}
    body = BODIES.get(template) if method in ("POST", "PUT", "PATCH") else None
    return client.request(method, path_of(template), headers=headers, **{"json": body, **more})


def test_every_route_by_every_key(keyed: Keyed) -> None:
    app: Any = keyed[0].app
    routes, documented = list(every_route(app)), app.openapi()["paths"]
    assert set(routes) == set(SCOPES) | OPEN
    for method, template in routes:
        asked = SCOPES.get((method, template))
        for name, rank in RANKS.items():
            status = sent(keyed, name, method, template).status_code
            if asked is not None and not rank:
                assert status == 401, (method, template, name)
            elif asked is not None and rank < RANKS[asked.value]:
                assert status == 403, (method, template, name)
            elif template == "/v1/collect":
                assert status == 403, "it asks for an origin instead"
            else:
                told = documented.get(template, {}).get(method.lower(), {"responses": {"200": {}, "404": {}}})
                assert str(status) in told["responses"], (method, template, name, status)
                assert status not in (401, 403), (method, template, name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.data())
def test_no_other_spelling_of_a_path_asks_for_less(keyed: Keyed, data: st.DataObject) -> None:
    client, keys = keyed
    admin = sorted(route for route, scope in SCOPES.items() if scope is Scope.ADMIN)
    method, template = data.draw(st.sampled_from(admin))
    path = path_of(template)
    place = data.draw(st.integers(1, len(path)))
    put = data.draw(st.sampled_from(["/", "//", "%2F", "%2f", ".", "./", "../", "%2e%2e/", ";a", "%00", "%20", "\\"]))
    spelt = data.draw(
        st.sampled_from([
            path[:place] + put + path[place:], f"{path}?method=GET", path.upper(), "/v1/../" + path, path + "/",
            path[: place - 1] + "".join(f"%{ord(sign):02x}" for sign in path[place - 1 : place]) + path[place:],
        ])
    )  # fmt: skip
    method = data.draw(st.sampled_from([method, method.lower(), "HEAD", "OPTIONS", "POST"]))
    headers = {"X-API-Key": keys["read"], "X-HTTP-Method-Override": "DELETE", "X-Original-URL": path}
    answer = client.request(method, spelt, headers=headers)
    assert answer.status_code in (400, 403, 404, 405, 415, 422), (method, spelt, answer.status_code, answer.text)


def test_an_unknown_key_costs_what_a_wrong_one_costs(recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    store, hashed, compared = recommender.workspace.store, list[int](), list[int]()
    made = [add_key(store, name, Scope.READ) for name in ("a", "b", "c")]
    remove_key(store, "b")
    real = hashlib.blake2b

    def blake2b(told: bytes, *, key: bytes, digest_size: int) -> Any:
        hashed.append(digest_size)
        return real(told, key=key, digest_size=digest_size)

    def compare(mine: str, kept: str) -> bool:
        compared.append(len(mine))
        return hmac.compare_digest(mine, kept)

    monkeypatch.setattr("plait.service.keys.hashlib.blake2b", blake2b)
    monkeypatch.setattr(module, "compare_digest", compare)
    keys = read_keys(store)
    assert keys is not None
    near = made[0][:-1] + ("A" if made[0][-1] != "A" else "B")
    work = set()
    for key in ("", "x", near, *made, module.PREFIX + secrets.token_urlsafe(module.KEY_BYTES)):
        hashed.clear()
        compared.clear()
        keys.named(key)
        work.add((tuple(hashed), tuple(compared)))
    assert work == {((32,), (64, 64))}, "one hash, and all keys looked at, whichever it is"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Write the log as the service does, and give it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("plait", "plait.service", "uvicorn", "fastapi", "starlette")]
    for each in loggers:
        each.addHandler(handler)
        each.setLevel(logging.INFO)
    yield stream
    for each in loggers:
        each.removeHandler(handler)
        each.setLevel(logging.NOTSET)


def test_the_log_says_nothing_of_anybody(log: io.StringIO, keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    app: Any = keyed[0].app
    routes, statuses = list(every_route(app)), set[int]()
    query = {"where": f"title = '{ID}'", "query": ID, "exclude": f"{ID}-x", "limit": "3"}
    junk = {ID: f"{ID} body", "events": [{"user_id": ID, "event": f"{ID}-no"}], "items": [{"item_id": ID, "price": ID}]}

    def send_all(names: tuple[str, ...]) -> None:
        for method, template in routes:
            for name in names:
                for more in ({}, {"params": query}, {"json": junk}, {"content": f"{ID} {{"}, {"content": ID * 1_000}):
                    if method in ("GET", "DELETE") and not {"json", "content"}.isdisjoint(more):
                        continue
                    statuses.add(sent(keyed, name, method, template, **more).status_code)

    send_all(tuple(RANKS))
    keyed[0].post("/v1/search", files={"image": (f"{ID}.png", f"{ID} no picture".encode())})
    monkeypatch.setattr(Lane, "admit", _fails)
    send_all(("admin",))
    assert statuses >= {200, 401, 403, 404, 413, 415, 422, 500}
    text = log.getvalue()
    failed = [line for line in map(json.loads, text.splitlines()) if line["event"] == "failed"]
    assert len(failed) > 20
    assert all("RuntimeError" in line["trace"] and "in _fails" in line["trace"] for line in failed)
    for secret in (ID, ID.upper(), *(key[6:] for key in keyed[1].values() if key)):
        assert secret not in text


@pytest.mark.parametrize(
    ("said", "told"),
    [("user 'anna' is busy", "user '...' is busy"), ('item "it\'s" and \'b\'', "item '...' and '...'"),
     ("the index isn't there", "the index isn't there"), ("'a' is 'b', 3", "'...', 3")],
)  # fmt: skip
def test_what_is_quoted_is_left_out(said: str, told: str) -> None:
    assert without_quoted(said) == told


def _fails(lane: Lane, future: object) -> None:
    """Fail as nobody expects, with a text that tells whom it was about."""
    try:
        raise KeyError(ID)
    except KeyError as error:
        raise RuntimeError(f"{ID} of lane {lane.name} cannot be answered") from error
