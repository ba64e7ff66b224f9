"""Users and models over HTTP."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plait import Recommender
from plait.workspace import Workspace


def test_a_profile(reader: TestClient, own_once: Path) -> None:
    python = Recommender.open(own_once).profile("user-3", limit=4)
    answer = reader.get("/v1/users/user-3/profile", params={"limit": 4}).json()
    assert answer == {**python.to_json(), "notes": []}
    assert reader.get("/v1/users/stranger/profile").json()["notes"]


def test_what_is_known_of_a_user(reader: TestClient, own_once: Path) -> None:
    python = Recommender.open(own_once).user_data("user-3")
    answer = reader.get("/v1/users/user-3/data").json()
    assert answer == python
    assert all("event_id" in event for event in answer["events"])
    assert reader.get("/v1/users/stranger/data").json()["events"] == []


def test_erasing(client: TestClient, own: Path, tmp_path: Path) -> None:
    Recommender.open(own).backup(tmp_path / "kept.tar")
    answer = client.delete("/v1/users/user-3")
    assert answer.status_code == 200
    assert answer.json()["removed"]["events"] == 5
    assert answer.json()["backups"] == ["kept.tar"]
    assert client.get("/v1/users/user-3/data").json()["events"] == []
    assert client.delete("/v1/users/user-3").json()["removed"]["events"] == 0


def test_merging(client: TestClient) -> None:
    events = [{"user_id": "visitor", "item_id": f"space-{number}", "event": "like"} for number in range(3)]
    client.post("/v1/events", json={"events": events})
    merged = client.post("/v1/users/user-3/merge", json={"anonymous_id": "visitor"})
    assert merged.json() == {"user_id": "user-3", "moved": 3}
    assert client.post("/v1/users/user-3/merge", json={"anonymous_id": "visitor"}).json()["moved"] == 0
    assert len(client.get("/v1/users/user-3/data").json()["events"]) == 8
    assert client.post("/v1/users/user-3/merge", json={"anonymous_id": "user-3"}).status_code == 422
    assert client.post("/v1/users/user-3/merge", json={}).status_code == 422


def test_onboarding(reader: TestClient, own_once: Path) -> None:
    assert reader.get("/v1/onboarding").json() == Recommender.open(own_once).onboard().to_json()


def test_models(client: TestClient, own: Path) -> None:
    recommender = Recommender.open(own)
    assert client.get("/v1/models").json() == {"models": recommender.models()}
    recommender.train(budget="20s")
    assert [model["current"] for model in client.get("/v1/models").json()["models"]] == [False, True]
    assert client.get("/v1/users/user-3/recommendations").json()["model"] == "index 1, model 2"
    assert client.post("/v1/models/1/promote").json() == {"model": 1, "before": 2, "notes": []}
    assert client.get("/v1/users/user-3/recommendations").json()["model"] == "index 1, model 1"
    assert client.post("/v1/models/rollback").json()["model"] == 2
    assert client.post("/v1/models/7/promote").status_code == 404
    assert client.post("/v1/models/x/promote").status_code == 422


def test_nothing_to_go_back_to(client: TestClient) -> None:
    answer = client.post("/v1/models/rollback")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "models/rollback"), ("POST", "models/1/promote"), ("DELETE", "users/user-3")]
)
def test_while_another_trains(client: TestClient, own: Path, method: str, path: str) -> None:
    with Workspace.open(own).publishing():
        answer = client.request(method, f"/v1/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert "the workspace is being built or trained" in answer.json()["error"]["message"]
