"""What both senders of events promise: nothing is lost, nothing counts twice, nobody waits for ever."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import httpx
import pytest

from plait.client import AsyncClient, AsyncEventSender, Client, EventSender, NotAllowed, NotSent, Retries
from plait.service.schemas import EventIn, EventsRequest, Problem

LIKE = EventIn(user_id="anna", item_id="a", event="like")
ONCE = Retries(times=0)
Answers = Callable[[httpx.Request], httpx.Response]


class Sender(Protocol):
    """A sender, as a thread uses it."""

    @property
    def refused(self) -> list[tuple[EventIn, Problem]]: ...
    def send(self, event: EventIn, *, timeout: float | None = None) -> None: ...
    def flush(self, timeout: float | None = 30.0) -> None: ...
    def close(self, timeout: float | None = 30.0) -> None: ...


class Awaited:
    """The sender that is awaited, in a loop of its own."""

    def __init__(self, transport: httpx.AsyncBaseTransport, **settings: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._client = AsyncClient("http://s", retries=ONCE, transport=transport)
        self._sender = self._done(self._made(settings))

    async def _made(self, settings: dict[str, Any]) -> AsyncEventSender:
        return AsyncEventSender(self._client, **settings)

    def _done(self, asked: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(60)

    @property
    def refused(self) -> list[tuple[EventIn, Problem]]:
        return list(self._sender.refused)

    def send(self, event: EventIn, *, timeout: float | None = None) -> None:
        self._done(self._sender.send(event, timeout=timeout))

    def flush(self, timeout: float | None = 30.0) -> None:
        self._done(self._sender.flush(timeout))

    def close(self, timeout: float | None = 30.0) -> None:
        self._done(self._sender.close(timeout))

    def end(self) -> None:
        self._done(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def threaded(answers: Answers, **settings: Any) -> Iterator[Sender]:
    with Client("http://s", retries=ONCE, transport=httpx.MockTransport(answers)) as client:
        yield EventSender(client, **settings)


@contextmanager
def awaited(answers: Answers, **settings: Any) -> Iterator[Sender]:
    sender = Awaited(httpx.MockTransport(answers), **settings)
    try:
        yield sender
    finally:
        sender.end()


both = pytest.mark.parametrize("made", [threaded, awaited])
Made = Callable[..., Any]


class Service:
    """What the service keeps, and how it fails: before, after and for some events."""

    def __init__(self, fails: Callable[[int], str] = lambda tried: "") -> None:
        self.stored: dict[str, EventIn] = {}
        self.batches: list[int] = []
        self._fails = fails
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            return self._answer(EventsRequest.model_validate_json(request.content).events)

    def _answer(self, events: list[EventIn]) -> httpx.Response:
        self.batches.append(len(events))
        fails = self._fails(len(self.batches))
        if fails == "before":
            raise httpx.ConnectError("on purpose")
        bad = [place for place, event in enumerate(events) if event.item_id == "gone"]
        if bad:
            problems = [{"index": place, "reason": "no item"} for place in bad]
            told = {"code": "bad_event", "message": "x", "request_id": "r", "problems": problems}
            return httpx.Response(422, json={"error": told})
        new = [event for event in events if event.event_id not in self.stored]
        self.stored.update({event.event_id: event for event in new})
        if fails == "after":
            raise httpx.ReadError("recorded, and the answer is lost")
        if fails == "portal":
            return httpx.Response(200, text="<html>Please log in</html>")
        return httpx.Response(200, json={"accepted": len(new), "duplicates": len(events) - len(new)})


@both
def test_it_loses_and_doubles_nothing(made: Made) -> None:
    service = Service(lambda tried: ("portal", "after", "before", "")[tried % 4])
    with made(service, batch=7, seconds=0.001, room=20) as sender:
        for number in range(200):
            sender.send(LIKE.model_copy(update={"item_id": "gone" if number % 50 == 9 else str(number)}))
        sender.close()
        assert len(sender.refused) == 4
    assert [event.item_id for event in service.stored.values()] == [str(n) for n in range(200) if n % 50 != 9]
    assert all(event.timestamp is not None for event in service.stored.values())
    assert max(service.batches) <= 7


@both
def test_of_what_is_refused_the_last_are_kept(made: Made) -> None:
    with made(Service(), batch=5, seconds=0.001, room=10) as sender:
        for number in range(30):
            sender.send(LIKE.model_copy(update={"item_id": "gone", "user_id": str(number)}))
        sender.flush()
        assert [event.user_id for event, _ in sender.refused] == [str(number) for number in range(20, 30)]


@both
def test_many_may_send_at_once(made: Made) -> None:
    service = Service()
    with made(service, batch=10, seconds=0.001, room=15) as sender:

        def some(first: int) -> None:
            for number in range(first, first + 50):
                sender.send(LIKE.model_copy(update={"item_id": str(number)}))

        threads = [threading.Thread(target=some, args=(first,)) for first in range(0, 300, 50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        sender.close()
    assert sorted(int(event.item_id) for event in service.stored.values()) == list(range(300))


@both
def test_a_full_batch_waits_for_nothing_and_others_for_a_flush(made: Made) -> None:
    service = Service()
    with made(service, batch=3, seconds=3_600.0) as sender:
        for number in range(4):
            sender.send(LIKE.model_copy(update={"item_id": str(number)}))
        until = time.monotonic() + 30
        while not service.batches and time.monotonic() < until:
            time.sleep(0.01)
        assert service.batches == [3]
        sender.flush()
        assert service.batches == [3, 1]
        sender.send(LIKE)
        sender.close()
    assert service.batches == [3, 1, 1]


@both
def test_who_may_not_send_is_told(made: Made) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"error": {"code": "no_key", "message": "no", "request_id": "r"}})

    with made(refuse, seconds=0.001) as sender:
        sender.send(LIKE)
        with pytest.raises(NotSent, match="no \\(request r\\)") as caught:
            sender.close()
        with pytest.raises(NotSent):
            sender.send(LIKE)
    assert [event.item_id for event in caught.value.events] == ["a"]
    assert isinstance(caught.value.cause, NotAllowed)


@both
def test_a_service_that_stays_away_fills_the_room_and_holds_up_nobody(made: Made) -> None:
    with made(Service(lambda tried: "before"), seconds=0.01, room=2) as sender:
        sender.send(LIKE)
        sender.send(LIKE)
        with pytest.raises(NotSent, match="no time was left"):
            sender.send(LIKE, timeout=0.05)
        with pytest.raises(NotSent) as caught:
            sender.close(timeout=0.05)
    assert len({event.event_id for event in caught.value.events}) == 2


@both
def test_what_nobody_foresaw_ends_it_and_is_told(made: Made) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise RuntimeError("not foreseen")

    with made(broken, seconds=0.001) as sender:
        sender.send(LIKE)
        with pytest.raises(NotSent, match="not foreseen"):
            sender.close()


def test_the_block_of_the_awaited_one_waits_for_the_rest() -> None:
    service = Service()

    async def sent() -> None:
        async with AsyncClient("http://s", transport=httpx.MockTransport(service)) as client:
            async with AsyncEventSender(client, seconds=3_600.0) as events:
                await events.send(LIKE)
                assert not service.stored
            assert len(service.stored) == 1

    asyncio.run(sent())
