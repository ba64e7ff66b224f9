"""Recommendations over HTTP: what Python answers, written down where it is shown."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from plait import Ranking, Recommender
from plait.store import Store

OPTIONS = [
    ({}, {}),
    ({"limit": 3, "offset": 2}, {"limit": 3, "offset": 2}),
    ({"where": "year >= 1996"}, {"where": "year >= 1996"}),
    ({"exclude": ["space-1", "cooking-1"]}, {"exclude": ["space-1", "cooking-1"]}),
    ({"diversity": 0.5}, {"diversity": 0.5}),
    ({"max_per": ["categories=1"], "limit": 4}, {"max_per": {"categories": 1}, "limit": 4}),
    ({"group_by": "categories", "limit": 4}, {"group_by": "categories", "limit": 4}),
    ({"include_seen": True, "explain": "zh"}, {"include_seen": True, "language": "zh"}),
]


@pytest.mark.parametrize(("sent", "options"), OPTIONS)
def test_it_is_what_python_answers(
    reader: TestClient, own_once: Path, sent: Mapping[str, Any], options: Mapping[str, Any]
) -> None:
    answer = reader.get("/v1/users/user-3/recommendations", params={**sent, "log_exposure": False})
    assert answer.status_code == 200
    python: Ranking = Recommender.open(own_once).recommend("user-3", **options)
    assert answer.json() == python.to_json()


def test_what_is_shown_is_written_down(client: TestClient, own: Path) -> None:
    answer = client.get("/v1/users/user-3/recommendations", params={"limit": 4}).json()
    with Store.open(own / "store.db") as store:
        (slate,) = store.exposures("user-3")
    assert slate.recommendation_id == answer["recommendation_id"]
    assert list(slate.item_ids) == [item["item_id"] for item in answer["items"]]
    event = {"user_id": "user-3", "item_id": slate.item_ids[0], "recommendation_id": slate.recommendation_id}
    assert client.post("/v1/events", json={"events": [event]}).json()["notes"] == []


def test_nothing_else_writes(client: TestClient, own: Path) -> None:
    with Store.open(own / "store.db") as store:
        before = store.sequence()
        client.get("/v1/users/user-3/recommendations", params={"log_exposure": False})
        client.post("/v1/recommendations", json={"user_id": "user-3"})
        client.post("/v1/search", json={"like": ["space-1"], "user_id": "user-3"})
        for path in ("users/user-3/profile", "items/space-1/similar", "items/space-1/audience", "onboarding", "items"):
            assert client.get(f"/v1/{path}").status_code == 200
        assert store.sequence() == before


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"limit": 0}, "query.limit"), ({"limit": 1_001}, "query.limit"), ({"limit": "x"}, "query.limit"),
        ({"offset": -1}, "query.offset"), ({"diversity": 2}, "query.diversity"), ({"explain": "tlh"}, "query.explain"),
        ({"where": "x" * 2_001}, "query.where"), ({"max_per": "categories"}, "query.max_per"),
        ({"where": "year >"}, "where, character 7"), ({"where": "nothing = 1"}, "nothing"),
        ({"max_per": "nothing=1"}, "nothing"),
    ],
)  # fmt: skip
def test_wrong_options(reader: TestClient, sent: Mapping[str, str | float], field: str) -> None:
    answer = reader.get("/v1/users/user-3/recommendations", params=sent)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["message"]


def test_what_if(reader: TestClient, own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    history = ["space-1", "cooking-2"]

    def asked(**body: object) -> object:
        answer = reader.post("/v1/recommendations", json={**body, "limit": 5})
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert asked(user_id="user-3") == recommender.recommend("user-3", limit=5).to_json()
    group = recommender.recommend_group(["user-1", "user-2"], strategy="least-misery", limit=5)
    assert asked(group=["user-1", "user-2"], strategy="least-misery") == group.to_json()
    assert asked(basket=history) == recommender.recommend_basket(history, limit=5).to_json()
    assert asked(session_id="nobody") == recommender.recommend_session("nobody", limit=5).to_json()
    imagined = asked(history=history)
    assert isinstance(imagined, dict)
    assert set(history).isdisjoint(item["item_id"] for item in imagined["items"])


@pytest.mark.parametrize(
    "body",
    [{}, {"user_id": "a", "history": ["space-1"]}, {"history": []}, {"history": ["nowhere"]}, {"group": "user-1"},
     {"user_id": "user-1", "limt": 3}, {"user_id": "user-1", "max_per": {"categories": 0}}, {"describe": "stars"}],
)  # fmt: skip
def test_a_what_if_that_is_none(reader: TestClient, body: Mapping[str, object]) -> None:
    answer = reader.post("/v1/recommendations", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] in ("invalid", "wrong_call")


def test_many_users_at_once(reader: TestClient, own_once: Path) -> None:
    """Each of those who ask together has their own list."""
    from concurrent.futures import ThreadPoolExecutor

    recommender = Recommender.open(own_once)
    users = [f"user-{number % 12}" for number in range(48)]

    def ask(user_id: str) -> object:
        return reader.get(f"/v1/users/{user_id}/recommendations", params={"log_exposure": False}).json()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, users))
    alone = {user_id: recommender.recommend(user_id).to_json() for user_id in set(users)}
    for user_id, answer in zip(users, answers, strict=True):
        assert isinstance(answer, dict)
        mine = alone[user_id]
        assert answer["user_id"] == user_id
        assert [item["item_id"] for item in answer["items"]] == [item["item_id"] for item in mine["items"]]
        assert [item["score"] for item in answer["items"]] == pytest.approx([item["score"] for item in mine["items"]])
