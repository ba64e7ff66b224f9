"""Tenancy: each tenant sees exactly what a workspace of its own would; keys, quotas and bounds of each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from plait import Recommender
from plait.cli import run
from plait.errors import WrongCall
from plait.service import doors, readings
from plait.service.app import create_app
from plait.service.doors import Door, read_door
from plait.service.keys import PREFIX
from plait.service.tenancy import HEADER, Tenancy
from plait.tenants import Quota, add_tenant, read_tenants, remove_tenant
from tests.copying import copied
from tests.plait.conftest import Cli
from tests.plait.service.tenants import TENANTS, registry_in

pytestmark = pytest.mark.usefixtures("patience")
USERS, ITEMS = ("tenant-anna", "tenant-bert"), ("space-1", "cooking-0", "nowhere")
OPERATIONS = st.tuples(
    st.sampled_from(TENANTS),
    st.sampled_from(["record", "record", "change", "remove", "item", "items", "data", "erase", "ranks", "similar"]),
    st.sampled_from(USERS), st.sampled_from(ITEMS), st.integers(1, 9),
)  # fmt: skip


def ask(client: TestClient, operation: str, user: str, item: str, number: int, headers: dict[str, str]) -> Any:
    """Do one thing and return status and answer."""
    event = {"user_id": user, "item_id": item, "event_id": f"{user}-{number}", "timestamp": 1_700_000_000 + number}
    method, path, body = {
        "record": ("POST", "/v1/events", {"events": [event]}),
        "change": ("PATCH", f"/v1/items/{item}", {"year": 1990 + number}),
        "remove": ("DELETE", f"/v1/items/{item}", None),
        "item": ("GET", f"/v1/items/{item}", None),
        "items": ("GET", "/v1/items?limit=30", None),
        "data": ("GET", f"/v1/users/{user}/data", None),
        "erase": ("DELETE", f"/v1/users/{user}", None),
        "ranks": ("GET", f"/v1/users/{user}/recommendations?log_exposure=false&limit=4", None),
        "similar": ("GET", f"/v1/items/{item}/similar?limit=4", None),
    }[operation]
    answer = client.request(method, path, json=body, headers={"X-Request-ID": "r", **headers})
    told = answer.json()
    told.pop("recommendation_id", None)
    return answer.status_code, told, answer.headers.get("ETag")


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(OPERATIONS, min_size=4, max_size=14))
def test_each_sees_what_a_workspace_alone_would(
    own: Path, tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, str, str, str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("tenants")
    tenants = Tenancy(registry_in(folder / "all", own), keyed=True, needs_keys=False)
    alone = {name: copied(own, folder / name) for name in TENANTS}
    with TestClient(tenants.app) as together:
        clients = {name: TestClient(create_app(Recommender.open(place))) for name, place in alone.items()}
        for name, operation, user, item, number in operations:
            mine = ask(together, operation, user, item, number, {HEADER: name})
            assert mine == ask(clients[name], operation, user, item, number, {}), operation
        for client in clients.values():
            app: Any = client.app
            app.state.serving.close()


@pytest.fixture
def keyed(own: Path, tmp_path: Path, cli: Cli) -> Iterator[tuple[TestClient, dict[str, str], Tenancy]]:
    """Return a service of two tenants, a key of each."""
    folder = registry_in(tmp_path / "all", own)
    keys = {}
    for name in TENANTS:
        told = cli("keys", folder / name, "add", "shop", "--scope", "admin", "--json")
        keys[name] = json.loads(told.out)["key"]
    tenants = Tenancy(folder, keyed=True, needs_keys=True)
    with TestClient(tenants.app, raise_server_exceptions=False) as client:
        yield client, keys, tenants


def test_a_key_is_of_one_tenant(keyed: tuple[TestClient, dict[str, str], Tenancy]) -> None:
    client, keys, _ = keyed
    assert keys["acme"].startswith(f"{PREFIX}acme.")
    headers = {name: {"X-API-Key": key} for name, key in keys.items()}
    assert client.patch("/v1/items/space-1", json={"year": 2001}, headers=headers["acme"]).status_code == 200
    years = {name: client.get("/v1/items/space-1", headers=headers[name]).json()["attributes"] for name in TENANTS}
    assert years == {"acme": {"year": 2001.0}, "bell": {"year": 1992.0}}
    client.delete("/v1/items/space-2", headers=headers["bell"])
    bare = keys["acme"].partition(".")[2]
    wrong = [
        {}, {HEADER: "acme"}, {HEADER: "nobody"}, {HEADER: "acme", "X-API-Key": "x"},
        {"X-API-Key": f"{PREFIX}bell.{bare}"},
        {"X-API-Key": f"{PREFIX}nobody.{bare}"}, {HEADER: "../acme"}, {HEADER: "."}, {"X-API-Key": f"{PREFIX}.{bare}"},
    ]  # fmt: skip
    told = set()
    for each in wrong:
        for path in ("/v1/items/space-1", "/nowhere", "/metrics", "/v1/items/space-2"):
            answer = client.get(path, headers={**each, "X-Request-ID": "r"})
            told.add((answer.status_code, answer.text, answer.headers["WWW-Authenticate"]))
    assert len(told) == 1
    assert next(iter(told))[0] == 401
    counts = {name: client.get("/metrics", headers=headers[name]).text for name in TENANTS}
    assert 'tenant="acme"' in counts["acme"]
    assert 'tenant="bell"' not in counts["acme"]
    assert client.get("/health").status_code == client.get("/ready").status_code == client.get("/").status_code == 200


def test_another_tenants_ids_are_unknown_ids(keyed: tuple[TestClient, dict[str, str], Tenancy]) -> None:
    client, keys, _ = keyed
    acme, bell = ({"X-API-Key": keys[name], "X-Request-ID": "r"} for name in TENANTS)
    assert client.delete("/v1/items/space-1", headers=bell).status_code == 200
    theirs = client.get("/v1/items/space-1", headers=bell)
    unknown = client.get("/v1/items/space-0x", headers=bell)
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.text.replace("space-1", "space-0x") == unknown.text
    assert client.get("/v1/items/space-1", headers=acme).status_code == 200


PAGES = """
[service]
collect_origins = ["https://shop.example"]
collect_key = "public"
origins = ["https://app.example"]
"""
SEEN = {"event_id": "e1", "user_id": "visitor", "item_id": "space-1", "event": "click", "timestamp": 1.7e9}


def test_pages_name_their_tenant_in_the_address(keyed: tuple[TestClient, dict[str, str], Tenancy]) -> None:
    client, keys, tenants = keyed
    (tenants._folder / "acme" / "plait.toml").write_text(PAGES, encoding="utf-8")

    def collect(tenant: str, origin: str, key: str = "public") -> Any:
        sent = json.dumps({"key": key, "events": [SEEN]})
        headers = {"Origin": origin, "X-Request-ID": "r"}
        return client.post(f"/v1/collect?tenant={tenant}", content=sent, headers=headers)

    strangers = [
        collect(name, origin)
        for name, origin in [
            ("acme", "https://other.example"), ("acme", "https://app.example"), ("acme", ""), ("", "https://shop.example"),
            ("bell", "https://shop.example"), ("nobody", "https://shop.example"), ("../acme", "https://shop.example"),
        ]
    ]  # fmt: skip
    assert {(answer.status_code, answer.text) for answer in strangers} == {(401, strangers[0].text)}
    assert list(tenants._rooms.open) == [], "who may not ask opens nothing"
    assert collect("acme", "https://shop.example").json() == {"accepted": 1, "duplicates": 0, "refused": 0}
    assert collect("acme", "https://shop.example", key="other").status_code == 403
    headers = {name: {"X-API-Key": key} for name, key in keys.items()}
    found = {name: client.get("/v1/users/visitor/data", headers=headers[name]).json()["events"] for name in TENANTS}
    assert {name: len(events) for name, events in found.items()} == {"acme": 1, "bell": 0}
    assert client.get("/v1/collect.js?tenant=acme").content == client.get("/v1/collect.js").content
    # A page of an origin that may call the service is told so before it sends its key, and no other is.
    page = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    asked = {name: client.options(f"/v1/items/space-1?tenant={name}", headers=page) for name in ("acme", "bell", "no")}
    assert {name: answer.status_code for name, answer in asked.items()} == {"acme": 200, "bell": 401, "no": 401}
    assert asked["acme"].headers["access-control-allow-origin"] == page["Origin"]
    other = {**page, "Origin": "https://other.example"}
    assert client.options("/v1/items/space-1?tenant=acme", headers=other).status_code == 401
    read = client.get("/v1/items/space-1?tenant=acme", headers={**headers["acme"], "Origin": page["Origin"]})
    assert read.headers["access-control-allow-origin"] == page["Origin"]
    assert client.get("/v1/items/space-1?tenant=acme", headers={"Origin": page["Origin"]}).status_code == 401


def test_so_many_are_open_at_once(
    keyed: tuple[TestClient, dict[str, str], Tenancy], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, keys, tenants = keyed
    monkeypatch.setattr(tenants._rooms, "most", 1)
    for name in (*TENANTS, *TENANTS):
        assert client.get("/v1/items", headers={"X-API-Key": keys[name]}).status_code == 200
        assert list(tenants._rooms.open) == [name]
    assert client.get("/v1/items", headers={HEADER: "acme"}).status_code == 401
    assert list(tenants._rooms.open) == ["bell"], "who has no key opens nothing"
    tenants._rooms.open["bell"].enter()
    monkeypatch.setattr(readings, "WAIT_SECONDS", 0.1)
    busy = client.get("/v1/items", headers={"X-API-Key": keys["acme"]})
    assert (busy.status_code, busy.json()["error"]["code"]) == (503, "not_ready")
    tenants._rooms.open["bell"].leave()
    # One that somebody has waited for is not closed before they came in.
    tenants._rooms._waiting["bell"] += 1
    assert client.get("/v1/items", headers={"X-API-Key": keys["acme"]}).status_code == 503
    tenants._rooms._waiting["bell"] -= 1
    monkeypatch.setattr(readings, "WAIT_SECONDS", 600.0)
    assert client.get("/v1/items", headers={"X-API-Key": keys["acme"]}).status_code == 200


def test_quotas(own: Path, tmp_path: Path) -> None:
    folder = registry_in(tmp_path / "all", own, items=24, events=62)
    with TestClient(Tenancy(folder, keyed=True, needs_keys=False).app) as client:
        acme = {HEADER: "acme"}
        assert client.patch("/v1/items/space-1", json={"year": 1990}, headers=acme).status_code == 200
        more = [{"user_id": "anna", "item_id": "space-1", "event_id": str(number)} for number in range(3)]
        refused = client.post("/v1/events", json={"events": more}, headers=acme)
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "over_quota")
        assert client.post("/v1/events", json={"events": more[:2]}, headers=acme).status_code == 200
        assert client.post("/v1/events", json={"events": more[2:]}, headers=acme).status_code == 413
        assert client.post("/v1/events", json={"events": more[2:]}, headers={HEADER: "bell"}).status_code == 200
    add_tenant(folder, "acme", Quota(bytes=1_000, rate="2/h"))
    with TestClient(Tenancy(folder, keyed=True, needs_keys=False).app) as client:
        assert client.patch("/v1/items/space-1", json={"year": 1991}, headers=acme).status_code == 413
        assert client.get("/v1/items", headers=acme).status_code == 200
        late = client.get("/v1/items", headers=acme)
        assert (late.status_code, late.json()["error"]["code"]) == (429, "too_often")
        assert client.get("/v1/items", headers={HEADER: "bell"}).status_code == 200


def test_an_item_beyond_the_quota(built: Path, tmp_path: Path) -> None:
    folder = registry_in(tmp_path / "all", built, items=25)
    with TestClient(Tenancy(folder, keyed=True, needs_keys=False).app) as client:
        acme = {HEADER: "acme"}
        many = {"items": [{"item_id": f"new-{number}", "title": "A boat"} for number in range(2)]}
        assert client.post("/v1/items", json=many, headers=acme).json()["error"]["code"] == "over_quota"
        assert client.put("/v1/items/new-1", json={"title": "A boat"}, headers=acme).status_code == 200
        assert client.put("/v1/items/new-1", json={"title": "A ship"}, headers=acme).status_code == 200
        assert client.put("/v1/items/new-2", json={"title": "A boat"}, headers=acme).status_code == 413


def test_the_registry(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "all"
    assert cli("tenants", folder, "list").code == 2
    assert cli("tenants", folder, "add", "acme", "--items", "9", "--rate", "60/m").code == 0
    (folder / "mine").mkdir()
    for name in ("../x", "A", "", "mine", "a/b", "."):
        assert cli("tenants", folder, "add", name).code == 2, name
    assert cli("tenants", folder, "add", "bell", "--rate", "often").code == 2
    assert json.loads(cli("tenants", folder, "list", "--json").out) == {
        "tenants": [{"name": "acme", "items": 9, "events": 0, "bytes": 0, "rate": "60/m"}]
    }
    (folder / "acme" / "note").write_text("kept")
    assert cli("tenants", folder, "remove", "acme").code == 2
    assert read_tenants(folder).keys() == {"acme"}
    assert cli("tenants", folder, "remove", "acme", "--yes").code == 0
    assert read_tenants(folder) == {}
    assert [path.read_text() for path in folder.glob(".removed-acme-*/note")] == ["kept"]
    assert cli("tenants", tmp_path, "add", "acme").code == 2, "a folder that holds something else"
    outside = tmp_path / "outside"
    outside.mkdir()
    add_tenant(folder, "linked", Quota())
    (folder / "linked").rmdir()
    (folder / "linked").symlink_to(outside)
    remove_tenant(folder, "linked")
    assert outside.is_dir(), "what a link leads to stays"
    with pytest.raises(WrongCall):
        remove_tenant(folder, "linked")


def test_one_without_a_workspace_and_one_that_is_removed(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "FRESH_SECONDS", 0.0)
    folder = registry_in(tmp_path / "all", own)
    add_tenant(folder, "empty", Quota())
    with TestClient(Tenancy(folder, keyed=True, needs_keys=False).app) as client:
        assert client.get("/v1/items", headers={HEADER: "empty"}).status_code == 503
        assert client.get("/v1/items", headers={HEADER: "acme"}).status_code == 200
        assert run(["tenants", str(folder), "remove", "acme", "--yes"]) == 0
        assert client.get("/v1/items", headers={HEADER: "acme"}).status_code == 401
        assert client.get("/v1/items", headers={HEADER: "bell"}).status_code == 200


def test_a_strangers_name_costs_what_a_tenants_does(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the time nor the answer says whose names there are, be their workspaces built or not."""
    folder = registry_in(tmp_path / "all", own)
    add_tenant(folder, "empty", Quota())
    read = list[str]()

    def reading(place: Path) -> Door:
        read.append(place.name)
        return read_door(place)

    monkeypatch.setattr(doors, "read_door", reading)
    monkeypatch.setattr(readings, "FRESH_SECONDS", 600.0)
    told = set[str]()
    for name in ("acme", "bell", "empty", "nobody", "no-other", "x" * 80, "../acme"):
        read.clear()
        with TestClient(Tenancy(folder, keyed=True, needs_keys=True).app) as client:
            for _ in range(3):
                answer = client.get("/v1/items", headers={HEADER: name, "X-Request-ID": "r"})
                assert answer.status_code == 401
                told.add(answer.text)
        assert len(read) == 1, name
        assert read[0] in ("acme", "bell", "empty")
    assert len(told) == 1


def test_the_log_names_a_tenant_and_nothing_a_stranger_says(
    keyed: tuple[TestClient, dict[str, str], Tenancy], caplog: pytest.LogCaptureFixture
) -> None:
    client, keys, _ = keyed
    with caplog.at_level("INFO", "plait.service"):
        client.get("/v1/items", headers={"X-API-Key": keys["acme"]})
        client.get("/v1/items", headers={HEADER: "a-stranger-says"})
        client.get("/v1/items", headers={"X-API-Key": f"{PREFIX}a-stranger-says.{keys['acme']}"})
    fields = [record.__dict__["fields"] for record in caplog.records if record.getMessage() == "request"]
    assert [(one.get("tenant"), one["status"]) for one in fields] == [("acme", 200), (None, 401), (None, 401)]
    assert "a-stranger-says" not in str(fields)
