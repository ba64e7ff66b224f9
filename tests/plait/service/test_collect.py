"""Collecting over HTTP: which pages may, what they may send, each once."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plait import Recommender
from plait.service.app import create_app
from plait.service_settings import Service
from plait.store import Store

SHOP = {"Origin": "https://shop.example", "Content-Type": "text/plain"}
SEEN = {"event_id": "e1", "user_id": "new", "item_id": "space-1", "event": "impression", "timestamp": 1.7e9}


@pytest.fixture
def page(own: Path) -> Iterator[TestClient]:
    """Return a client of a service that one shop's pages may send to."""
    settings = Service(collect_origins=("https://shop.example",), collect_key="shop", collect_per_minute=20)
    with TestClient(create_app(Recommender.open(own), settings)) as client:
        yield client


def body(*events: Mapping[str, object], key: str = "shop") -> str:
    return json.dumps({"key": key, "events": events})


def test_events_count_once_and_a_bad_one_stops_no_other(page: TestClient, own: Path) -> None:
    sent = body(SEEN, {**SEEN, "event_id": "e2", "item_id": "gone"}, {**SEEN, "event_id": "e3", "event": "click"})
    first = page.post("/v1/collect", content=sent, headers=SHOP)
    assert (first.status_code, first.json()) == (200, {"accepted": 2, "duplicates": 0, "refused": 1})
    assert first.headers["access-control-allow-origin"] == "https://shop.example"
    assert page.post("/v1/collect", content=sent, headers=SHOP).json()["duplicates"] == 2
    with Store.open(own / "store.db") as store:
        assert sorted(event.event for event in store.events_of("new")) == ["click", "impression"]


@pytest.mark.parametrize(
    ("headers", "sent", "status"),
    [
        ({"Origin": "https://other.example"}, body(SEEN), 403),
        ({}, body(SEEN), 403),
        (SHOP, body(SEEN, key="other"), 403),
        (SHOP, "{", 422),
        (SHOP, body(*[{**SEEN, "event_id": str(n)} for n in range(101)]), 422),
    ],
)
def test_what_is_refused(page: TestClient, headers: Mapping[str, str], sent: str, status: int) -> None:
    assert page.post("/v1/collect", content=sent, headers=dict(headers)).status_code == status


@pytest.mark.parametrize(
    "bad",
    [{"event": "purchase"}, {"event": "rating"}, {"event_id": ""}, {"value": -1}, {"other": 1}, {"timestamp": None}],
)
def test_an_event_that_cannot_be_read_stops_no_other(page: TestClient, own: Path, bad: Mapping[str, object]) -> None:
    answer = page.post("/v1/collect", content=body({**SEEN, **bad}, {**SEEN, "event_id": "e2"}), headers=SHOP)
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1, "duplicates": 0, "refused": 1})
    with Store.open(own / "store.db") as store:
        assert [event.event_id for event in store.events_of("new")] == ["e2"]


def test_what_is_no_event_is_refused(page: TestClient) -> None:
    sent = json.dumps({"key": "shop", "events": [1, None, "x", []]})
    assert page.post("/v1/collect", content=sent, headers=SHOP).json() == {"accepted": 0, "duplicates": 0, "refused": 4}


def test_a_clock_that_is_ahead_loses_nothing(page: TestClient, own: Path) -> None:
    before = time.time()
    answer = page.post("/v1/collect", content=body({**SEEN, "timestamp": 4e9}), headers=SHOP)
    assert answer.json()["accepted"] == 1
    with Store.open(own / "store.db") as store:
        [event] = store.events_of("new")
    assert before <= event.timestamp <= time.time()


def test_nobody_may_unless_the_workspace_says_so(client: TestClient) -> None:
    assert client.post("/v1/collect", content=body(SEEN, key=""), headers=SHOP).status_code == 403


def test_one_address_may_send_so_much(page: TestClient) -> None:
    batch = [body(*[{**SEEN, "event_id": f"{n}-{m}"} for m in range(10)]) for n in range(3)]
    answers = [page.post("/v1/collect", content=each, headers=SHOP) for each in batch]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 3


@pytest.mark.parametrize("sent", ["{", body(SEEN, key="guessed"), body(key="shop"), "x" * 300_000])
def test_what_is_refused_costs_its_sender_as_well(page: TestClient, sent: str) -> None:
    answers = [page.post("/v1/collect", content=sent, headers=SHOP).status_code for _ in range(22)]
    assert answers[0] in (200, 403, 413, 422)
    assert answers[-1] == 429


def test_a_body_has_a_bound_of_its_own(page: TestClient) -> None:
    answer = page.post("/v1/collect", content=(b" " * 10_000 for _ in range(100)), headers=SHOP)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


def test_the_script(page: TestClient) -> None:
    first = page.get("/v1/collect.js")
    assert len(first.content) < 4_096
    assert first.headers["content-type"].startswith("text/javascript")
    assert "max-age" in first.headers["cache-control"]
    assert first.headers["access-control-allow-origin"] == "*"
    assert page.get("/v1/collect.js", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
