"""Auditing: who changed what, by which key; nothing of an id stays when it was erased."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plait import Recommender
from plait.audit import FILE, hashed, lines
from plait.service.app import create_app
from plait.service.auditing import is_write
from plait.service.keys import add_key
from plait.service.scopes import OPEN, SCOPES, Scope
from plait.service_settings import Service

USER, VISITOR, ITEM = "audited-anna", "audited-visitor", "audited-item"


@pytest.fixture
def client(recommender: Recommender) -> Iterator[TestClient]:
    """Return a client that has the key `shop`."""
    key = add_key(recommender.workspace.store, "shop", Scope.ADMIN)
    app = create_app(recommender)
    with TestClient(app, raise_server_exceptions=False, headers={"X-API-Key": key}) as found:
        yield found


def test_what_is_noted(client: TestClient, recommender: Recommender) -> None:
    events = [{"user_id": VISITOR, "item_id": "space-1"}, {"user_id": USER, "item_id": "space-2"}]
    client.post("/v1/events", json={"events": events}, headers={"X-Request-ID": "r-1"})
    client.post("/v1/events", json={"events": [{"user_id": USER, "item_id": "nowhere"}]})
    client.patch("/v1/items/space-1", json={"year": 1990})
    client.post("/v1/items", json={"items": [{"item_id": ITEM, "title": "A vase"}]})
    client.patch("/v1/items/nowhere", json={"title": "none"})
    client.post(f"/v1/users/{USER}/merge", json={"anonymous_id": VISITOR})
    client.post("/v1/models/99/promote")
    client.get(f"/v1/users/{USER}/data")
    for path in (f"/v1/users/{USER}/recommendations", "/v1/items", "/health", "/nowhere"):
        client.get(path)
    client.post("/v1/events", json={"events": events}, headers={"X-API-Key": "wrong"})
    noted, store = list(lines(recommender.workspace.folder)), recommender.workspace.store
    assert [(line["what"], line["status"]) for line in noted] == [
        ("POST /v1/events", 200), ("POST /v1/events", 422), ("PATCH /v1/items/{item_id}", 200), ("POST /v1/items", 422),
        ("PATCH /v1/items/{item_id}", 404), ("POST /v1/users/{user_id}/merge", 200),
        ("POST /v1/models/{number}/promote", 404), ("GET /v1/users/{user_id}/data", 200),
    ]  # fmt: skip
    assert {line["by"] for line in noted} == {"shop"}
    assert (noted[0]["request_id"], noted[0]["events"], noted[3]["items"]) == ("r-1", 2, 1)
    assert (noted[2]["item"], noted[6]["model"]) == (hashed(store, "space-1"), "99")
    assert (noted[5]["user"], noted[5]["from"]) == (hashed(store, USER), hashed(store, VISITOR))


def test_what_fails_is_noted_too(client: TestClient, recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError("after it was done")

    monkeypatch.setattr(Recommender, "erase", failing)
    assert client.delete(f"/v1/users/{USER}").status_code == 500
    [line] = lines(recommender.workspace.folder)
    assert (line["what"], line["status"]) == ("DELETE /v1/users/{user_id}", 500)
    assert line["user"] == hashed(recommender.workspace.store, USER)


def test_who_was_erased_is_in_no_line(client: TestClient, recommender: Recommender) -> None:
    folder = recommender.workspace.folder
    client.post("/v1/events", json={"events": [{"user_id": USER, "item_id": "space-1", "query": f"{USER} asks"}]})
    client.post(f"/v1/users/{USER}/merge", json={"anonymous_id": VISITOR})
    client.get(f"/v1/users/{USER}/data")
    answer = client.delete(f"/v1/users/{USER}").json()
    assert answer["removed"]["events"] == 1
    assert answer["found_in"] == []
    assert client.get(f"/v1/users/{USER}/data").status_code == 200
    said = (folder / FILE).read_text()
    assert said.count("\n") == 5
    assert USER not in said
    assert VISITOR not in said
    assert client.headers["X-API-Key"][6:] not in said
    assert recommender.erase(USER)["found_in"] == []


def test_every_route_that_writes_is_noted() -> None:
    noted = {route for route in {*SCOPES, *OPEN} if is_write(*route)}
    assert noted == {route for route, scope in SCOPES.items() if scope is not Scope.READ} | {("POST", "/v1/collect")}


def test_it_can_be_switched_off(recommender: Recommender) -> None:
    with TestClient(create_app(recommender, Service(audit=False))) as client:
        assert client.patch("/v1/items/space-1", json={"year": 1990}).status_code == 200
    assert not (recommender.workspace.folder / FILE).exists()


def test_a_disk_that_refuses_stops_no_answer(client: TestClient, recommender: Recommender) -> None:
    (recommender.workspace.folder / FILE).mkdir()
    assert client.patch("/v1/items/space-1", json={"year": 1990}).status_code == 200


def test_without_keys_nobody_is_named(own: Path) -> None:
    with TestClient(create_app(Recommender.open(own))) as client:
        client.delete("/v1/items/space-1")
    assert [(line["by"], line["status"]) for line in lines(own)] == [("-", 200)]
