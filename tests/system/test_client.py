"""The client before a real service: every route by both clients, and a service that is killed in the middle."""

import asyncio
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import pytest
from PIL import Image

from plait import Recommender
from plait.client import AsyncClient, AsyncEventSender, Client, Conflict, EventSender, NotAllowed, Retries
from plait.service.keys import add_key
from plait.service.schemas import (
    ColdStartRequest,
    EventIn,
    ItemChange,
    ItemIn,
    ItemRow,
    RecommendRequest,
    SearchRequest,
)
from plait.service.schemas.collect import CollectedEvent
from plait.service.scopes import Scope
from plait.store import Store
from scripts.served import served, set_service
from tests.copying import copied

pytestmark = pytest.mark.system

ORIGIN = "https://shop.example"
LIKES = [EventIn(user_id="anna", item_id=f"space-{n}", event="like", event_id=f"like-{n}") for n in range(3)]
SEEN = CollectedEvent(event_id="seen", user_id="visitor", item_id="space-1", event="impression", timestamp=1.7e9)
PICTURE = BytesIO()
Image.new("RGB", (64, 48), "blue").save(PICTURE, "PNG")


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked, and what has to be true of the answer, or which refusal it is."""

    ask: Callable[[Any], Any]
    holds: Callable[[Any], bool] = bool
    refusal: type[Exception] | None = None


# Together they leave the workspace as it was.
STEPS = (
    Step(lambda c: c.health(), lambda a: a.status == "ok"),
    Step(lambda c: c.ready(), lambda a: a.keyed),
    Step(lambda c: c.record(LIKES), lambda a: (a.accepted, a.duplicates) == (3, 0)),
    Step(lambda c: c.record(LIKES), lambda a: (a.accepted, a.duplicates) == (0, 3)),
    Step(lambda c: c.recommend("anna", limit=3), lambda a: len(a.items) == 3 and bool(a.recommendation_id)),
    Step(lambda c: c.what_if(RecommendRequest(history=("space-1",), limit=3)), lambda a: len(a.items) == 3),
    Step(lambda c: c.search("a storm at sea"), lambda a: a.items[0].item_id.startswith("sailing-")),
    Step(
        lambda c: c.put_item("a/b", ItemIn(title="Blue", image="blue.png")),
        lambda a: a.items["added"] == 1 and bool(a.etag),
    ),
    Step(lambda c: c.search(SearchRequest(limit=1), image=PICTURE.getvalue()), lambda a: len(a.items) == 1),
    Step(
        lambda c: c.media("a/b", "image"), lambda a: a.content == PICTURE.getvalue() and a.content_type == "image/png"
    ),
    Step(lambda c: c.patch_item("a/b", ItemChange(title="Deep blue")), lambda a: a.items["updated"] == 1),
    Step(lambda c: c.item("a/b"), lambda a: a.title == "Deep blue" and bool(a.etag)),
    Step(lambda c: c.items("comets"), lambda a: ([item.item_id for item in a.items], a.total) == (["space-1"], 1)),
    Step(lambda c: c.add_items([ItemRow(item_id="c", title="Red")]), lambda a: a.items["added"] == 1),
    Step(lambda c: c.cards(["c", "gone", "a/b"]), lambda a: [item.item_id for item in a.items] == ["c", "a/b"]),
    Step(lambda c: c.delete_item("a/b"), lambda a: a.items["removed"] == 1),
    Step(lambda c: c.delete_item("c"), lambda a: a.items["removed"] == 1),
    Step(lambda c: c.similar("space-1", limit=2), lambda a: a.items[0].item_id.startswith("space-")),
    Step(lambda c: c.audience("space-1", limit=2), lambda a: len(a.audience) == 2),
    Step(
        lambda c: c.cold_start(ColdStartRequest(title="Anchors")), lambda a: a.similar[0].item_id.startswith("sailing")
    ),
    Step(lambda c: c.profile("anna"), lambda a: a.events == 3),
    Step(lambda c: c.collect([SEEN], origin=ORIGIN, key="public"), lambda a: (a.accepted, a.refused) == (1, 0)),
    Step(lambda c: c.collect([SEEN], origin=ORIGIN, key="public"), lambda a: (a.accepted, a.duplicates) == (0, 1)),
    Step(lambda c: c.collect([SEEN], origin="https://other.example"), refusal=NotAllowed),
    Step(lambda c: c.collect_js(), lambda a: "data" in a and len(a) < 4_096),
    Step(lambda c: c.merge("anna", "visitor"), lambda a: a.moved == 1),
    Step(lambda c: c.user_data("anna"), lambda a: (len(a.events), len(a.exposures)) == (4, 1)),
    Step(lambda c: c.users("anna"), lambda a: (a.users, a.total) == (["anna"], 1)),
    Step(lambda c: c.erase("anna"), lambda a: a.removed["events"] == 4),
    Step(lambda c: c.onboarding(limit=2), lambda a: len(a.items) == 2),
    Step(lambda c: c.catalogue_map(), lambda a: len(a.points) == 24),
    Step(lambda c: c.quality(), lambda a: a.lacking["image"].count == 24),
    Step(lambda c: c.live(), lambda a: a.recall == 1),
    Step(lambda c: c.models(), lambda a: [model.number for model in a.models] == [1]),
    Step(lambda c: c.promote(1), lambda a: a.model == 1),
    Step(lambda c: c.rollback(), refusal=Conflict),
    Step(lambda c: c.metrics(), lambda a: "plait_requests_total" in a),
)


@pytest.fixture(scope="module")
def keyed(toy_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve with keys, media and collecting; give the address and an admin's key."""
    folder = tmp_path_factory.mktemp("media")
    workspace = copied(toy_folder / "workspace", tmp_path_factory.mktemp("keyed") / "workspace")
    (folder / "blue.png").write_bytes(PICTURE.getvalue())
    # The toy has no pictures: the network is loaded by the first that is sent, on a machine that may be busy.
    patient = "seconds = 300\nslow_seconds = 600\n"
    collecting = f'collect_origins = ["{ORIGIN}"]\ncollect_key = "public"'
    settings = f'{patient}media_root = "{folder}"\n{collecting}\nwarm = ["text"]'
    set_service(workspace, settings)
    key = add_key(Recommender.open(workspace).workspace.store, "test", Scope.ADMIN)
    with served(workspace) as (_, address):
        yield address, key


def routes(address: str) -> dict[tuple[str, str], "re.Pattern[str]"]:
    """Return what OpenAPI names, with what matches its paths as they are sent."""
    with urlopen(f"{address}/openapi.json") as answer:
        paths = httpx.Response(200, content=answer.read()).json()["paths"]
    return {
        (method.upper(), path): re.compile(re.sub(r"\\?\{\w+\\?\}", "[^/]+", re.escape(path)))
        for path, methods in paths.items()
        for method in methods
    }


def untried(address: str, asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the routes of OpenAPI that nothing was asked of."""
    return [
        named
        for named, pattern in routes(address).items()
        if not any(method == named[0] and pattern.fullmatch(path) for method, path in asked)
    ]


def path_of(request: httpx.Request) -> tuple[str, str]:
    return request.method, request.url.raw_path.decode().partition("?")[0]


class Noting(httpx.HTTPTransport):
    """The network, and what was asked over it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(path_of(request))
        return super().handle_request(request)


class AsyncNoting(httpx.AsyncHTTPTransport):
    """The same, awaited."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(path_of(request))
        return await super().handle_async_request(request)


def test_every_route_by_the_client_that_waits(keyed: tuple[str, str]) -> None:
    address, key = keyed
    transport = Noting()
    with Client(address, key, transport=transport, timeout=600) as client:
        for number, step in enumerate(STEPS):
            if step.refusal:
                with pytest.raises(step.refusal):
                    step.ask(client)
            else:
                answer = step.ask(client)
                assert step.holds(answer), (number, answer)
    with Client(address) as stranger, pytest.raises(NotAllowed):
        stranger.models()
    assert untried(address, transport.asked) == []


def test_every_route_by_the_client_that_is_awaited(keyed: tuple[str, str]) -> None:
    address, key = keyed

    async def asked() -> list[tuple[str, str]]:
        transport = AsyncNoting()
        async with AsyncClient(address, key, transport=transport, timeout=600) as client:
            for number, step in enumerate(STEPS):
                if step.refusal:
                    with pytest.raises(step.refusal):
                        await step.ask(client)
                else:
                    answer = await step.ask(client)
                    assert step.holds(answer), (number, answer)
        return transport.asked

    assert untried(address, asyncio.run(asked())) == []


def events(count: int) -> list[EventIn]:
    return [
        EventIn(user_id=f"user-{n % 12}", item_id=f"space-{n % 6}", event="view", session_id="s") for n in range(count)
    ]


def kill_and_begin_again(workspace: Path, port: int, go_on: Callable[[], bool]) -> None:
    """Kill the service twice while something is sent, then let it live until `go_on` is false."""
    for _ in range(2):
        with served(workspace, "--port", str(port)) as (process, _):
            before = recorded(workspace)
            until = time.monotonic() + 60
            while recorded(workspace) < before + 100 and go_on() and time.monotonic() < until:
                time.sleep(0.01)
            process.kill()
            process.wait()
    with served(workspace, "--port", str(port)):
        while go_on():
            time.sleep(0.05)


def recorded(workspace: Path) -> int:
    with Store.open(workspace / "store.db") as store:
        return len(sent_ids(store))


def sent_ids(store: Store) -> list[str]:
    """Return the ids of the events of the session in which all of this is sent."""
    return [event.event_id for n in range(12) for event in store.events_of(f"user-{n}") if event.session_id == "s"]


@pytest.fixture
def port(workspace: Path) -> int:
    """Return a port for a service that loads no encoder."""
    set_service(workspace, "warm = []")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


COUNT = 2_000
HASTY = Retries(times=1, first=0.05)
PATIENT = Retries(times=2_000, first=0.05, longest=1.0)


def sends(address: str) -> None:
    with (
        Client(address, retries=Retries(times=1, first=0.05)) as client,
        EventSender(client, batch=20, seconds=0.05, room=100) as sender,
    ):
        for event in events(COUNT):
            sender.send(event)
            time.sleep(0.001)


def sends_awaited(address: str) -> None:
    async def sent() -> None:
        async with (
            AsyncClient(address, retries=HASTY) as client,
            AsyncEventSender(client, batch=20, seconds=0.05, room=100) as sender,
        ):
            for event in events(COUNT):
                await sender.send(event)
                await asyncio.sleep(0.001)

    asyncio.run(sent())


def records(address: str) -> None:
    with Client(address, retries=PATIENT) as client:
        rows = events(COUNT)
        for first in range(0, COUNT, 20):
            answer = client.record(rows[first : first + 20])
            assert answer.accepted + answer.duplicates == 20


@pytest.mark.parametrize("sending", [sends, sends_awaited, records])
def test_a_service_that_is_killed_loses_and_doubles_nothing(
    workspace: Path, port: int, sending: Callable[[str], None]
) -> None:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(sending, f"http://127.0.0.1:{port}")
        kill_and_begin_again(workspace, port, lambda: not future.done())
        future.result()
    with Store.open(workspace / "store.db") as store:
        found = sent_ids(store)
    assert len(found) == len(set(found)) == COUNT
