"""Ready: told however much is asked for, once everything is loaded, by whatever try that was."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from embedders.items import Strand
from plait import Recommender
from plait.errors import BadData
from plait.service import warming
from plait.service.app import create_app
from plait.service.serving import Serving
from plait.service_settings import Service
from tests.waiting import eventually


def is_ready(client: TestClient) -> bool:
    return client.get("/ready").status_code == 200


def test_a_full_lane_is_no_reason(own: Path) -> None:
    app = create_app(Recommender.open(own), Service(threads=1, waiting=0))
    with TestClient(app) as client:
        eventually(lambda: is_ready(client))
        serving: Serving = app.state.serving
        gate = threading.Event()
        future = serving.answers.submit(gate.wait)
        try:
            assert client.get("/v1/users/anna/recommendations").status_code == 429
            answer = client.get("/ready")
            assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        finally:
            gate.set()
        assert future.result(60)


def test_it_is_looked_up_once_for_all_who_ask(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Recommender.open(own), Service(warm=()))
    with TestClient(app) as client:
        eventually(lambda: is_ready(client))
        serving: Serving = app.state.serving
        looked = list[int]()

        def look() -> str:
            looked.append(0)
            return "the name"

        monkeypatch.setattr("plait.service.readiness.FRESH_SECONDS", 3_600.0)
        monkeypatch.setattr(serving.readiness, "_good_until", float("-inf"))
        monkeypatch.setattr(serving.readiness, "_look", look)
        told = [client.get("/ready").json()["model"] for _ in range(5)]
    assert told == ["the name"] * 5
    assert looked == [0]


def test_what_could_not_be_loaded_is_tried_again(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = list[int]()
    warm = warming.warm

    def sometimes(recommender: Recommender, strands: Sequence[Strand], stopped: threading.Event) -> None:
        tried.append(0)
        if len(tried) < 3:
            raise BadData("the database is gone")
        warm(recommender, strands, stopped)

    monkeypatch.setattr(warming, "warm", sometimes)
    monkeypatch.setattr(warming, "FIRST_PAUSE", 0.05)
    with TestClient(create_app(Recommender.open(own), warm=True)) as client:
        assert len(tried) >= 1
        eventually(lambda: is_ready(client))
    assert len(tried) == 3


def test_a_panic_does_not_hold_up_the_start(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        """What an extension module raises that gives up."""

    def panic(*_: object) -> None:
        raise Panic("of the tokenizer")

    monkeypatch.setattr(warming, "warm", panic)
    monkeypatch.setattr(warming, "FIRST_PAUSE", 3_600.0)
    with TestClient(create_app(Recommender.open(own), warm=True)) as client:
        assert "of the tokenizer" in client.get("/ready").json()["error"]["message"]


def test_who_closes_does_not_wait_for_the_next_try(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise BadData("the database is gone")

    monkeypatch.setattr(warming, "warm", never)
    monkeypatch.setattr(warming, "FIRST_PAUSE", 3_600.0)
    with TestClient(create_app(Recommender.open(own), warm=True)) as client:
        answer = client.get("/ready")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
        assert "the database is gone" in answer.json()["error"]["message"]
