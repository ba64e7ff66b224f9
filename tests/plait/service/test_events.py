"""Events over HTTP: all or none, durable, each once, and a bad one is named."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plait.service.routes.events import rows_of
from plait.service.schemas import EventIn
from plait.store import Store

LIKE = {"user_id": "new", "item_id": "space-1", "event": "like"}


def test_the_next_answer_knows_it(client: TestClient, own: Path) -> None:
    before = client.get("/v1/users/new/recommendations").json()
    assert before["notes"]
    answer = client.post("/v1/events", json={"events": [{**LIKE, "event_id": "e1"}, {**LIKE, "item_id": "space-2"}]})
    assert (answer.status_code, answer.json()) == (200, {"accepted": 2, "duplicates": 0, "notes": []})
    after = client.get("/v1/users/new/recommendations").json()
    assert not after["notes"]
    assert {"space-1", "space-2"}.isdisjoint(item["item_id"] for item in after["items"])
    with Store.open(own / "store.db") as store:
        assert [event.item_id for event in store.events_of("new")] == ["space-1", "space-2"]


def test_sent_again_it_counts_once(client: TestClient) -> None:
    batch = {"events": [{**LIKE, "event_id": f"e{number}", "timestamp": 1.7e9 + number} for number in range(5)]}
    assert client.post("/v1/events", json=batch).json()["accepted"] == 5
    assert client.post("/v1/events", json=batch).json() == {"accepted": 0, "duplicates": 5, "notes": []}


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"item_id": "nowhere"}, "item_id", "'nowhere' is no item of the store"),
        ({"item_id": ""}, "item_id", "empty"),
        ({"event": "dance"}, "event", "neither built in nor declared"),
        ({"event": "rating"}, "value", "a rating needs a value"),
        ({"event": "search", "item_id": ""}, "query", "empty"),
        ({"timestamp": "soon"}, "timestamp", "no time"),
        ({"timestamp": 4e9}, "timestamp", "in the future"),
    ],
)
def test_one_bad_event_refuses_its_batch(
    client: TestClient, own: Path, wrong: Mapping[str, object], field: str, said: str
) -> None:
    with Store.open(own / "store.db") as store:
        before = store.counts()["events"]
        batch = [{**LIKE, "event_id": "a"}, {**LIKE, "event_id": "b"} | dict(wrong), {**LIKE, "event_id": "c"}]
        answer = client.post("/v1/events", json={"events": batch})
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert error["code"] == "bad_event"
        assert [(one["index"], one["event_id"]) for one in error["problems"]] == [(1, "b")]
        assert field in error["problems"][0]["field"]
        assert said in error["problems"][0]["reason"]
        assert error["message"].startswith("index 1, event_id 'b'")
        assert store.counts()["events"] == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"user_id": ""}, "body.events.1.user_id"),
        ({"user_id": 7}, "body.events.1.user_id"),
        ({"evnt": "like"}, "body.events.1.evnt"),
        ({"value": "much"}, "body.events.1.value"),
        ({"item_id": "a\0b"}, "body.events.1.item_id"),
    ],
)
def test_an_event_of_another_form(client: TestClient, wrong: Mapping[str, object], field: str) -> None:
    answer = client.post("/v1/events", json={"events": [LIKE, {**LIKE, "event_id": "b"} | dict(wrong)]})
    assert answer.status_code == 422
    first = answer.json()["error"]["problems"][0]
    assert (first["index"], first["event_id"], first["field"]) == (1, "b", field)


def test_several_bad_events_are_all_named(client: TestClient) -> None:
    batch = [LIKE, {**LIKE, "item_id": "x"}, LIKE, {**LIKE, "item_id": "y"}]
    problems = client.post("/v1/events", json={"events": batch}).json()["error"]["problems"]
    assert [one["index"] for one in problems] == [1, 3]


def test_an_empty_batch(client: TestClient) -> None:
    assert client.post("/v1/events", json={"events": []}).json() == {"accepted": 0, "duplicates": 0, "notes": []}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"events": 7}', b'{"events": [7]}', b"\xff"])
def test_no_batch_at_all(client: TestClient, body: bytes) -> None:
    answer = client.post("/v1/events", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["request_id"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type(client: TestClient, kind: str) -> None:
    answer = client.post("/v1/events", content=b'{"events": []}', headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_events_of_a_batch_do_not_shape_each_other() -> None:
    events = [
        EventIn(user_id="u", item_id="i"),
        EventIn(user_id="u", item_id="i", rating=4),
        EventIn(user_id="u", item_id="i", event="view", value=3, timestamp=5.0),
    ]
    rows = rows_of(events, now=9.0)
    assert [(row["event"], row["value"], row["timestamp"]) for row in rows] == [
        ("click", None, 9.0), ("rating", 4.0, 9.0), ("view", 3.0, 5.0),
    ]  # fmt: skip
