"""Each route by both clients, against the service in this process."""

import asyncio
import inspect
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from plait import Recommender
from plait.client import (
    AsyncClient,
    Changed,
    Client,
    Conflict,
    NotAllowed,
    NotFound,
    StoredItem,
    Wrong,
    each,
    each_later,
)
from plait.client.call import Call
from plait.client.routes import Route, Routes
from plait.service.app import create_app
from plait.service.schemas import ColdStartRequest, EventIn, ItemChange, ItemIn, RecommendRequest, SearchRequest
from tests.plait.client.in_process import InProcess

ASKED: dict[str, Callable[[Any], Any]] = {
    "record": lambda c: c.record([EventIn(user_id="new", item_id="space-1", event="like", timestamp=1.7e9)]),
    "recommend": lambda c: c.recommend("u 1/2", limit=3, max_per={"categories": 1}, exclude=["space-1"]),
    "what_if": lambda c: c.what_if(RecommendRequest(history=("space-1",), limit=3)),
    "search": lambda c: c.search(SearchRequest(like=("space-1",), limit=3)),
    "items": lambda c: c.items(limit=3),
    "add_items": lambda c: c.add_items([]),
    "item": lambda c: c.item("space-1"),
    "patch_item": lambda c: c.patch_item("space-1", ItemChange()),
    "delete_item": lambda c: c.delete_item("space-2"),
    "similar": lambda c: c.similar("space-1", limit=3),
    "audience": lambda c: c.audience("space-1", limit=3),
    "profile": lambda c: c.profile("new"),
    "user_data": lambda c: c.user_data("new"),
    "erase": lambda c: c.erase("new"),
    "merge": lambda c: c.merge("new", "visitor"),
    "onboarding": lambda c: c.onboarding(limit=2),
    "models": lambda c: c.models(),
    "promote": lambda c: c.promote(1),
    "health": lambda c: c.health(),
    "ready": lambda c: c.ready(),
    "metrics": lambda c: c.metrics(),
    "cards": lambda c: c.cards(["space-1", "gone"]),
    "users": lambda c: c.users("user-1", limit=2),
    "catalogue_map": lambda c: c.catalogue_map(by="year"),
    "quality": lambda c: c.quality(),
    "live": lambda c: c.live(),
    "collect_js": lambda c: c.collect_js(),
}
REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception]]] = {
    "put_item": (lambda c: c.put_item("space-1", ItemIn(title="x"), if_match='"other"'), Changed),
    "media": (lambda c: c.media("space-1", "image"), NotFound),
    "cold_start": (lambda c: c.cold_start(ColdStartRequest(), audio=b"no sound"), Wrong),
    "collect": (lambda c: c.collect([], origin="https://nobody.example"), NotAllowed),
    "rollback": (lambda c: c.rollback(), Conflict),
    "search": (lambda c: c.search("", image=b"no picture"), Wrong),
}


def test_no_route_is_left_out() -> None:
    named = {name for name, value in vars(Routes).items() if isinstance(value, Route)}
    assert named == set(ASKED) | set(REFUSED)


def sync(recommender: Recommender, ask: Callable[[Any], Any]) -> Any:
    """Ask by the client that waits."""
    with TestClient(create_app(recommender)) as inner, Client("http://testserver", transport=InProcess(inner)) as c:
        _until_ready(inner)
        return ask(c)


def awaited(recommender: Recommender, ask: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    """Ask by the client that is awaited."""

    async def asked() -> Any:
        app = create_app(recommender)
        client = AsyncClient("http://s", transport=httpx.ASGITransport(app))
        async with app.router.lifespan_context(app), client:
            while app.state.serving.warmth.reason:
                await asyncio.sleep(0.01)
            return await ask(client)

    return asyncio.run(asked())


def _until_ready(inner: TestClient) -> None:
    for _ in range(3_000):
        if inner.get("/ready").status_code == 200:
            return
        time.sleep(0.01)
    raise AssertionError("it does not become ready")


@pytest.mark.parametrize("asked_by", [sync, awaited])
@pytest.mark.parametrize("name", ASKED)
def test_a_route_answers(own: Path, name: str, asked_by: Callable[..., Any]) -> None:
    answer = asked_by(Recommender.open(own), ASKED[name])
    assert not isinstance(answer, Call)
    assert answer


@pytest.mark.parametrize("asked_by", [sync, awaited])
@pytest.mark.parametrize("name", REFUSED)
def test_a_route_refuses(own: Path, name: str, asked_by: Callable[..., Any]) -> None:
    ask, kind = REFUSED[name]
    with pytest.raises(kind) as caught:
        asked_by(Recommender.open(own), ask)
    assert getattr(caught.value, "request_id", "")


def test_items_with_odd_ids_and_etags(own: Path) -> None:
    recommender = Recommender.open(own)
    with (
        TestClient(create_app(recommender)) as inner,
        Client("http://testserver", transport=InProcess(inner)) as client,
    ):
        before = client.item("space-1")
        assert isinstance(before, StoredItem)
        after = client.patch_item("space-1", ItemChange(attributes={"year": 1999.0}), if_match=before.etag)
        assert after.etag == client.item("space-1").etag != before.etag
        with pytest.raises(Changed):
            client.patch_item("space-1", ItemChange(attributes={"year": 2000.0}), if_match=before.etag)
        for item_id in ("a/b", "a%2Fb", "ü ?#", ".", "..", "a+b"):
            with pytest.raises(NotFound, match=r"is not known") as caught:
                client.item(item_id)
            assert repr(item_id) in caught.value.message


def test_pages_are_the_whole(own: Path) -> None:
    recommender = Recommender.open(own)
    whole = sorted(recommender.workspace.store.page_of_ids(1_000, 0))
    found = sync(recommender, lambda c: list(each(lambda limit, offset: c.items(limit=limit, offset=offset), page=7)))
    assert sorted(item.item_id for item in found) == whole

    async def all_of(client: AsyncClient) -> list[str]:
        pages = each_later(lambda limit, offset: client.items(limit=limit, offset=offset), page=7)
        return [item.item_id async for item in pages]

    assert sorted(awaited(recommender, all_of)) == whole


def test_the_methods_have_the_help_of_their_calls() -> None:
    with Client("http://nowhere") as client:
        assert "written down" in (inspect.getdoc(client.recommend) or "")


def test_it_is_light() -> None:
    heavy = ["torch", "faiss", "numpy", "scipy", "pandas", "pyarrow", "PIL", "fastapi", "starlette", "sqlalchemy"]
    code = f"import sys, plait.client; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
