"""What every request passes: its id, its line in the log, its count, the bounds on its body."""

import gc
import json
import logging
import weakref
from collections.abc import Iterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from plait import Recommender
from plait.service.app import create_app
from plait.service.logs import JsonLines
from plait.service.routes import ROUTERS
from plait.service_settings import Service


@pytest.fixture
def small(own: Path) -> Iterator[TestClient]:
    """Return a client of a service that takes a thousand bytes."""
    app = create_app(Recommender.open(own), Service(max_body_bytes=1_000))
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


def test_a_request_keeps_its_id(reader: TestClient) -> None:
    given = reader.get("/v1/items/nowhere", headers={"X-Request-ID": "mine-1"})
    assert given.headers["X-Request-ID"] == given.json()["error"]["request_id"] == "mine-1"


@pytest.mark.parametrize("name", ["", "a b", "x" * 129, 'a"b', "a\tb"])
def test_an_odd_id_is_replaced(reader: TestClient, name: str) -> None:
    ids = {reader.get("/health", headers={"X-Request-ID": name}).headers["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2
    assert name not in ids


def test_a_line_for_each_request(reader: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "plait.service"):
        reader.get("/v1/items/space-1?secret=7", headers={"X-Request-ID": "r1", "Authorization": "Bearer key"})
        reader.post("/v1/search", json={"text": "private words"}, headers={"X-Request-ID": "r2"})
        reader.get("/nowhere/at/all", headers={"X-Request-ID": "r3"})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.message == "request"]
    told = [{name: line[name] for name in ("method", "route", "status", "request_id")} for line in lines]
    assert told == [
        {"method": "GET", "route": "/v1/items/{item_id}", "status": 200, "request_id": "r1"},
        {"method": "POST", "route": "/v1/search", "status": 422, "request_id": "r2"},
        {"method": "GET", "route": "unmatched", "status": 404, "request_id": "r3"},
    ]
    assert all(0 <= line["ms"] < 60_000 for line in lines)
    text = " ".join(map(str, lines))
    assert not any(word in text for word in ("secret", "Bearer", "private", "space-1", "nowhere"))


def test_requests_are_counted(client: TestClient) -> None:
    for _ in range(3):
        client.get("/v1/items/space-1")
    client.request("ODD", "/v1/items/space-1")
    text = client.get("/metrics").text
    assert 'plait_requests_total{method="GET",route="/v1/items/{item_id}",status="200"} 3.0' in text
    assert 'plait_request_seconds_count{method="GET",route="/v1/items/{item_id}"} 3.0' in text
    assert 'method="other"' in text
    assert 'method="ODD"' not in text
    assert 'plait_lane_requests{lane="answers"} 0.0' in text


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_has_a_bound(small: TestClient, chunked: bool) -> None:
    body = json.dumps({"events": [{"user_id": "x" * 900, "item_id": "space-1"}] * 2}).encode()
    content = iter([body[:600], body[600:]]) if chunked else body
    answer = small.post("/v1/events", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"
    assert small.post("/v1/search", files={"image": ("a.png", b"x" * 2_000)}).status_code == 413
    assert small.post("/v1/search", json={"like": ["space-1"]}).status_code == 200


def test_what_nobody_expected(recommender: Recommender, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(recommender)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the secret of /srv/shop")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken")
    assert answer.status_code == 500
    error = answer.json()["error"]
    assert (error["code"], error["request_id"]) == ("failed", answer.headers["X-Request-ID"])
    assert "secret" not in answer.text
    logged = next(record for record in caplog.records if record.message == "failed")
    line = json.loads(JsonLines().format(logged))
    assert line["request_id"] == error["request_id"]
    assert "the secret of /srv/shop" in line["trace"]


def test_an_unknown_method_and_route(reader: TestClient) -> None:
    assert reader.put("/v1/events").json()["error"]["code"] == "method_not_allowed"
    assert reader.get("/v1").json()["error"]["code"] == "not_found"


def test_nothing_of_a_route_waits_for_a_thread_but_in_its_lane() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) > 20
    for route in routes:
        called = [route.endpoint, *(one.call for one in route.dependant.dependencies if one.call)]
        assert [one for one in called if not iscoroutinefunction(one)] == [], route.path


def test_an_application_that_is_gone_holds_nothing(own_once: Path) -> None:
    """What a service of several tenants closes is to give its memory back."""
    recommender = Recommender.open(own_once)
    app = create_app(recommender)
    with TestClient(app) as client:
        client.get("/v1/users/user-1/recommendations", params={"log_exposure": False})
    held = weakref.ref(recommender)
    del app, client, recommender
    gc.collect()
    assert held() is None
