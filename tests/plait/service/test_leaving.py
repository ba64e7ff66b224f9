"""A process that is told to stop answers what is sent on its connections at that moment, and says it is the last."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from plait.service import connections
from plait.service.connections import BOUNDS, BoundedProtocol, Bounds

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


STUBBORN = """
import asyncio, logging, os, signal, sys, threading, time
from contextlib import asynccontextmanager
import uvicorn
from starlette.applications import Starlette
from plait.service import leaving

leaving.LAST_SECONDS = 0.5
work = threading.Thread(target=time.sleep, args=(3_600,))

@asynccontextmanager
async def lifespan(_):
    work.start()
    asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)
    yield
    print("closing", flush=True)
    work.join()

signal.signal(signal.SIGTERM, lambda *_: None)
config = uvicorn.Config(leaving.gone_in_time(Starlette(lifespan=lifespan)), port=0, lifespan="on", log_config=None)
uvicorn.Server(config).run()
"""


def test_a_process_is_gone_in_time_whatever_a_thread_is_at() -> None:
    done = subprocess.run([sys.executable, "-c", STUBBORN], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "closing\n")
    assert "cut off" in done.stderr


async def connections_after_bursts(most: int) -> list[int]:
    """Return how many connections there are after each of three bursts of those that come at once and ask nothing."""
    server = uvicorn.Server(
        uvicorn.Config(
            app_of(asyncio.Event(), most), port=0, http=BoundedProtocol, ws="none", lifespan="on", log_config=None
        )
    )
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    counts, held = [], []
    for _ in range(3):
        held += await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(100)))
        # All but `most` are ended: each of the others is read to its end.
        ended = [asyncio.create_task(reader.read()) for reader, _ in held]
        while sum(one.done() for one in ended) < len(held) - most:
            await asyncio.sleep(0.01)
        counts.append(len(server.server_state.connections))
        for one in ended:
            one.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
    for _, writer in held:
        writer.close()
    server.should_exit = True
    await running
    return counts


def test_of_connections_that_come_at_once_no_more_stay_than_may() -> None:
    assert asyncio.run(asyncio.wait_for(connections_after_bursts(10), 120)) == [10, 10, 10]


def app_of(gate: asyncio.Event, most: int = 10) -> Starlette:
    """Return an application that answers when the gate is open."""

    async def answer(_: Request) -> PlainTextResponse:
        await gate.wait()
        return PlainTextResponse("done")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {BOUNDS: Bounds(most, 60, 60)}

    return Starlette(routes=[Route("/", answer)], lifespan=lifespan)


async def told_to_stop(server: uvicorn.Server) -> None:
    """Tell a server to stop, and wait until it has told its connections."""
    server.should_exit = True
    while any(one.is_serving() for one in server.servers):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.01)


async def two_connections() -> list[bytes]:
    """Return what is answered to a request that was under way, and to one that came after."""
    gate = asyncio.Event()
    server = uvicorn.Server(
        uvicorn.Config(app_of(gate), port=0, http=BoundedProtocol, ws="none", lifespan="on", log_config=None)
    )
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    asking, waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    asking[1].write(ASK)
    while not server.server_state.tasks or len(server.server_state.connections) < 2:
        await asyncio.sleep(0.01)
    await told_to_stop(server)
    waiting[1].write(ASK)
    gate.set()
    # Each is read to its end: the service closes both.
    answers = [await reader.read() for reader, _ in (asking, waiting)]
    for _, writer in (asking, waiting):
        writer.close()
    await running
    return answers


def test_the_last_answers_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LEAVE_SECONDS", 60.0)
    for answer in asyncio.run(asyncio.wait_for(two_connections(), 30)):
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.lower().count(b"connection: close") == 1
        assert answer.endswith(b"done")
