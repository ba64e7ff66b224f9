"""What is told of a workspace that cannot answer: why, and no path."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plait import Recommender
from plait.service.app import create_app
from plait.service.serving import Kind
from plait.service_settings import Service
from tests.plait.service.conftest import client_of

ROUTES = [
    ("GET", "/v1/users/user-1/recommendations", None),
    ("GET", "/v1/users/user-1/profile", None),
    ("GET", "/v1/items/space-1", None),
    ("GET", "/v1/items/space-1/similar", None),
    ("GET", "/v1/items/space-1/audience", None),
    ("GET", "/v1/items?query=stars", None),
    ("GET", "/v1/onboarding", None),
    ("GET", "/v1/models", None),
    ("GET", "/ready", None),
    ("POST", "/v1/models/rollback", None),
    ("POST", "/v1/models/1/promote", None),
    ("DELETE", "/v1/users/user-1", None),
    ("POST", "/v1/search", {"like": ["space-1"]}),
    ("POST", "/v1/recommendations", {"history": ["space-1"]}),
    ("POST", "/v1/events", {"events": [{"user_id": "u", "item_id": "space-1"}]}),
    ("PATCH", "/v1/items/space-1", {"year": 3}),
]


def _no_index(folder: Path) -> None:
    shutil.rmtree(folder / "index")


def _other_index(folder: Path) -> None:
    (folder / "index" / "CURRENT").write_text("000007\n")


def _torn_index(folder: Path) -> None:
    for path in (folder / "index").rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:100])


def _torn_manifest(folder: Path) -> None:
    for path in folder.rglob("manifest.json"):
        path.write_text("{")


def _other_encoders(folder: Path) -> None:
    for path in folder.rglob("manifest.json"):
        path.write_text(path.read_text().replace("own:", "own-other:"))


def _no_store(folder: Path) -> None:
    for path in folder.glob("store.db*"):
        path.write_bytes(b"no database at all" * 400)


def _wrong_rules(folder: Path) -> None:
    (folder / "plait.toml").write_text("[rules]\nmax_per = { nothing = 3 }\n")


@pytest.mark.parametrize(
    "harm", [_no_index, _other_index, _torn_index, _torn_manifest, _other_encoders, _no_store, _wrong_rules]
)
def test_no_path_is_told(own: Path, harm: Callable[[Path], None]) -> None:
    if harm is _no_store:
        recommender = Recommender.open(own)
        recommender.workspace.store.close()
        harm(own)
    else:
        harm(own)
        recommender = Recommender.open(own)
    with client_of(recommender) as client:
        for method, path, body in ROUTES:
            answer = client.request(method, path, json=body)
            if answer.status_code >= 400:
                error = answer.json()["error"]
                assert error["code"] in ("unavailable", "not_ready", "conflict", "not_found", "failed"), answer.text
                assert answer.status_code in (503, 409, 404, 500), answer.text
            for part in (str(own), str(own.parent), "/tmp", "/home", "site-packages", "Traceback"):
                assert part not in answer.text, (method, path)
        assert client.get("/health").status_code == 200


def test_ready_says_why_not(own: Path) -> None:
    _no_index(own)
    with client_of(Recommender.open(own)) as client:
        for _ in range(3_000):
            error = client.get("/ready").json()["error"]
            if "not loaded yet" not in error["message"]:
                break
            time.sleep(0.01)
    assert error["code"] == "not_ready"
    assert "the workspace has no index" in error["message"]


def test_ready(reader: TestClient) -> None:
    for _ in range(3_000):
        answer = reader.get("/ready")
        if answer.status_code == 200:
            break
        assert answer.headers["Retry-After"] == "1"
        time.sleep(0.01)
    assert answer.json() == {"status": "ready", "model": "index 1, model 1", "keyed": False}


def test_a_full_lane_is_429(own: Path) -> None:
    import threading

    app = create_app(Recommender.open(own), Service(threads=1, waiting=1))
    with TestClient(app, raise_server_exceptions=False) as client:
        gate, lane = threading.Event(), app.state.serving.lanes[Kind.ANSWERS]
        waiting = [lane.submit(gate.wait) for _ in range(2)]
        for path in ("/v1/items/space-1", "/v1/users/user-1/recommendations", "/v1/models"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
            assert answer.headers["Retry-After"] == "1"
        assert client.post("/v1/search", json={"like": ["space-1"]}).status_code == 429
        # The other lanes go on.
        assert client.post("/v1/events", json={"events": [{"user_id": "", "item_id": ""}]}).status_code == 422
        assert client.get("/v1/items/space-1/audience").status_code == 200
        assert client.get("/health").status_code == 200
        gate.set()
        assert all(future.result(60) for future in waiting)
        assert client.get("/v1/items/space-1").status_code == 200


def test_who_waits_too_long(own: Path) -> None:
    import threading

    app = create_app(Recommender.open(own), Service(threads=1, seconds=0.2))
    with TestClient(app, raise_server_exceptions=False) as client:
        gate = threading.Event()
        app.state.serving.lanes[Kind.ANSWERS].submit(gate.wait)
        for path in ("/v1/items/space-1", "/v1/users/user-1/recommendations?log_exposure=false"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "timed_out")
        gate.set()
