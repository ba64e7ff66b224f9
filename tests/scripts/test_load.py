"""The load sees what fails, counts each kind, and opens connections anew; what it adds up is right."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from scripts.bench_http import SUM, shares
from scripts.load import Connection, Loaded, Plan, asked, joined

SLATE = {"recommendation_id": "slate-1", "items": [{"item_id": "item-7"}]}


class Service:
    """Answers each question once a connection where it `closes`; searches with 503."""

    def __init__(self, *, closes: bool) -> None:
        self.closes = closes
        self.asked: Counter[str] = Counter()
        self.events: list[dict[str, str]] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked[kind := "search" if b"search" in head else "events" if b"events" in head else "other"] += 1
                if b"Content-Length" in head:
                    body = await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
                    self.events += json.loads(body).get("events", [])
                told = json.dumps(SLATE).encode()
                status = b"503 No" if kind == "search" else b"200 OK"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n\r\n" % len(told) + told)
                await writer.drain()
                if self.closes:
                    break
        except EOFError:
            pass
        writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]


def test_a_connection_that_was_ended_is_opened_anew() -> None:
    service = Service(closes=True)

    async def three_times() -> list[int]:
        async with service.listening() as port:
            connection, found = Connection("127.0.0.1", port), []
            for _ in range(3):
                found.append((await connection.ask("GET /", b""))[0])
                await asyncio.sleep(0.05)
            connection.close()
            return found

    assert asyncio.run(three_times()) == [200, 200, 200]
    assert service.asked["other"] == 3


@pytest.mark.parametrize("rate", [0.0, 200.0])
def test_each_kind_is_counted_and_each_failure(rate: float) -> None:
    service = Service(closes=False)

    async def loaded() -> tuple[dict[str, int], dict[str, int]]:
        async with service.listening() as port:
            seen = await asked(Plan(f"http://127.0.0.1:{port}", 1.0, ["words"], 1, 10, connections=2, rate=rate))
        return {kind: len(found) for kind, found in seen.milliseconds.items()}, dict(seen.errors)

    answers, errors = asyncio.run(loaded())
    assert answers == {"recommend": service.asked["other"], "events": service.asked["events"], "search": 0}
    assert errors == {"search 503": service.asked["search"]}
    assert answers["recommend"] > answers["events"] > errors["search 503"] > 0
    names = [event["event_id"] for event in service.events]
    assert len(names) == len(set(names)) == answers["events"]
    # The one user there is was soon shown something.
    assert service.events[-1]["recommendation_id"] == "slate-1"
    assert service.events[-1]["item_id"] == "item-7"


def test_loads_are_joined() -> None:
    some = [Loaded(2.0, 0.1, {"search": [1.0, 3.0]}, {"search 0": 1}), Loaded(2.0, 0.3, {"search": [5.0, 7.0]}, {})]
    told = joined(some).told()
    assert (told["a_second"], told["search_p50"], told["errors"], told["load_cores"]) == (
        1.0,
        4.0,
        {"search 0": 1},
        0.1,
    )


def test_stages_are_shares_of_what_all_requests_took() -> None:
    text = 'plait_request_seconds_sum{route="/v1/{id}"} 4.0\nplait_stage_seconds_sum{stage="rank"} 1.5\nplait_other 9\n'
    after = {name + (labels or ""): float(value) for name, labels, value in SUM.findall(text)}
    told = shares({'stage{stage="rank"}': 0.5}, after)
    assert told == {'request{route="/v1/{id}"}': 1.0, 'stage{stage="rank"}': 0.25}
