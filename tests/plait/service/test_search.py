"""Search over HTTP: as JSON and as a form, by words, examples, pictures."""

import io
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from plait import Recommender
from plait.flows.search import Query
from plait.ranking import Ranking
from tests.plait.service.conftest import client_of


@pytest.fixture(scope="module")
def words(built_once: Path) -> Iterator[TestClient]:
    """Return a client of a service that has a text encoder."""
    with client_of(Recommender.open(built_once)) as found:
        yield found


def picture() -> bytes:
    """Return a small PNG."""
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "PNG")
    return stream.getvalue()


def test_it_is_what_python_answers(words: TestClient, built_once: Path) -> None:
    options: dict[str, Any] = {"limit": 4, "offset": 1, "where": "year > 1990", "weights": {"text": 1, "lexical": 0.5}}
    answer = words.post("/v1/search", json={"text": "a boat at sea", **options})
    assert answer.status_code == 200
    python = Recommender.open(built_once).search("a boat at sea", **options).to_json()
    assert answer.json() == python


def test_a_form_says_the_same(words: TestClient) -> None:
    asked = {"text": "a boat at sea", "limit": 3, "like": ["sailing-1"], "weights": {"text": 1.0}}
    fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in asked.items()}
    form = words.post("/v1/search", files={name: (None, value) for name, value in fields.items()})
    assert form.status_code == 200
    assert form.json() == words.post("/v1/search", json=asked).json()


def test_a_picture_beside_words(words: TestClient, built_once: Path, tmp_path: Path) -> None:
    image = ("../../etc/passwd", picture(), "image/png")
    answer = words.post("/v1/search", data={"text": "a boat at sea"}, files={"image": image})
    assert answer.status_code == 200
    (tmp_path / "a.png").write_bytes(picture())
    python = Recommender.open(built_once).search("a boat at sea", image=tmp_path / "a.png")
    assert [item["item_id"] for item in answer.json()["items"]] == [item.item_id for item in python.items]


def test_words_do_not_wait_for_a_picture(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recommender, asked, gate = Recommender.open(own), threading.Event(), threading.Event()

    def slow(queries: Sequence[Query], *_: Any, **__: Any) -> list[Ranking]:
        if any(query.image for query in queries):
            asked.set()
            assert gate.wait(60)
        return [Ranking((), "nothing") for _ in queries]

    monkeypatch.setattr(recommender, "search_queries", slow)
    with client_of(recommender) as client, ThreadPoolExecutor(1) as other:
        image = ("a.png", picture(), "image/png")
        waiting = other.submit(client.post, "/v1/search", files={"image": image})
        try:
            assert asked.wait(60)
            assert client.post("/v1/search", json={"like": ["space-1"]}).status_code == 200
            assert not waiting.done()
        finally:
            gate.set()
        assert waiting.result(60).status_code == 200


@pytest.mark.parametrize("name", ["image", "audio"])
@pytest.mark.parametrize("content", [b"", b"no medium", b"\x89PNG\r\n\x1a\n" + b"\0" * 30, b"RIFF\0\0\0\0WAVE"])
def test_a_medium_that_is_none(words: TestClient, name: str, content: bytes) -> None:
    answer = words.post("/v1/search", files={name: ("a.bin", content)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_medium")
    assert answer.json()["error"]["message"].startswith(f"{name} ")


def test_together_each_has_its_own_answer(words: TestClient, built_once: Path) -> None:
    texts = [f"{word} {number}" for number in range(12) for word in ("boats", "stars", "soup", "roses " * 40)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda text: words.post("/v1/search", json={"text": text}).json(), texts))
    alone = Recommender.open(built_once).search(texts)
    for answer, python in zip(answers, alone, strict=True):
        assert [item["item_id"] for item in answer["items"]] == [item.item_id for item in python.items]
        assert [item["score"] for item in answer["items"]] == pytest.approx([i.score for i in python.items], abs=1e-4)


@pytest.mark.parametrize(
    "body",
    [{}, {"text": "  "}, {"text": "x" * 10_001}, {"text": "a", "weights": {"smell": 1}}, {"text": "a", "limit": 0},
     {"text": "a", "weights": {"text": -1}}, {"like": ["nowhere"]}, {"like": ["space-1"], "unlike": ["space-1"]},
     {"text": "a", "txt": "b"}, {"text": "a", "where": "year >"}, {"text": "\ud800"}, {"text": "a\0b"}],
)  # fmt: skip
def test_a_search_that_is_none(words: TestClient, body: Mapping[str, object]) -> None:
    answer = words.post("/v1/search", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "fields",
    [[("text", "a"), ("text", "b")], [("image", "no file")], [("limit", "three")], [("weights", "{")],
     [("where", "year >")], [("nothing", "a")], [(f"field-{number}", "a") for number in range(40)]],
)  # fmt: skip
def test_a_form_that_is_none(words: TestClient, fields: list[tuple[str, str]]) -> None:
    answer = words.post("/v1/search", files=[(name, (None, value)) for name, value in fields])
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["error"]["request_id"]


def test_a_file_where_a_text_belongs(words: TestClient) -> None:
    assert words.post("/v1/search", files={"text": ("a.txt", b"a boat")}).status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_another_content_type(words: TestClient, kind: str) -> None:
    answer = words.post("/v1/search", content=b"text=a", headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_cold_start(words: TestClient, built_once: Path) -> None:
    body = {"title": "Pasta", "description": "How to cook it", "attributes": {"categories": ["cooking"], "year": 1995}}
    answer = words.post("/v1/cold-start", json={**body, "limit": 3})
    assert answer.status_code == 200
    python = Recommender.open(built_once).cold_start(
        title="Pasta", description="How to cook it", attributes={"categories": "cooking", "year": "1995"}, limit=3
    )
    assert answer.json() == {**python.to_json(), "notes": list(python.notes)}
    form = {"title": (None, "Pasta"), "description": (None, "How to cook it"), "limit": (None, "3"),
            "attributes": (None, json.dumps(body["attributes"]))}  # fmt: skip
    assert words.post("/v1/cold-start", files=form).json() == answer.json()
    assert words.post("/v1/cold-start", json={"title": "a", "attributes": {"smell": "b"}}).status_code == 422
    assert words.post("/v1/cold-start", json={}).status_code == 422


def test_a_description(words: TestClient, built_once: Path) -> None:
    from plait.selection import Selection

    answer = words.post("/v1/recommendations", json={"describe": "sailing boats", "limit": 3}).json()
    assert answer == Recommender.open(built_once).recommend_description("sailing boats", Selection(3)).to_json()


@pytest.mark.parametrize(("weights", "reason"), [("null", "null; expected a value"), ("{", "expected JSON")])
def test_a_field_of_a_form_is_a_value(words: TestClient, weights: str, reason: str) -> None:
    answer = words.post("/v1/search", files={"text": (None, "a boat at sea"), "weights": (None, weights)})
    assert answer.status_code == 422
    assert reason in answer.json()["error"]["message"]
