"""Slow clients, against `plait serve` for real: they lose their own connections and hold up nobody."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from plait import Recommender
from plait.service.keys import add_key
from plait.service.scopes import Scope
from scripts.served import served as service
from scripts.served import set_service

pytestmark = pytest.mark.system
IDLE = 2_000
Served = tuple[tuple[str, int], str, Path]


@pytest.fixture
def served(own: Path, tmp_path: Path) -> Iterator[Served]:
    """Serve with small bounds; give the address, a key, and the file of the log."""
    set_service(own, "header_seconds = 2\nbody_seconds = 2\nmax_connections = 500")
    key, log = add_key(Recommender.open(own).workspace.store, "shop", Scope.ADMIN), tmp_path / "log"
    with service(own, log=log) as (_, address):
        yield ("127.0.0.1", int(address.rsplit(":", 1)[1])), key, log


def answered(served: Served, path: str) -> int:
    """Return the status of a route, asked by somebody who is not slow."""
    (host, port), key, _ = served
    request = urllib.request.Request(f"http://{host}:{port}{path}", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(answer.status)


def rest(connection: socket.socket) -> bytes:
    """Return what comes until the service ends a connection."""
    connection.settimeout(30)
    told = b""
    with suppress(ConnectionError):
        while part := connection.recv(65_536):
            told += part
    return told


def test_idle_connections_hold_up_nobody(served: Served) -> None:
    idle = []
    try:
        for number in range(IDLE):
            idle.append(socket.create_connection(served[0], timeout=30))
            with suppress(ConnectionError):
                idle[-1].send(b"GET /health HTTP/1.1\r\nX-Slow: " if number % 2 else b"")
            if number % 500 == 499:
                assert answered(served, "/health") == 200
                assert answered(served, "/v1/users/anna/recommendations") == 200
        assert rest(idle[0]) == b"", "the oldest was ended to make room"
        assert rest(idle[-1]) == b"", "the newest in its time"
    finally:
        for one in idle:
            one.close()


def test_a_slow_body_is_given_up(served: Served) -> None:
    head = f"POST /v1/search HTTP/1.1\r\nHost: a\r\nX-API-Key: {served[1]}\r\nContent-Type: application/json\r\n"
    with socket.create_connection(served[0]) as slow:
        slow.send(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        told = rest(slow)
    assert told.startswith(b"HTTP/1.1 408 ")
    assert b'"too_slow_body"' in told


def test_no_key_is_in_the_log(served: Served) -> None:
    assert answered(served, "/v1/items") == 200
    (host, port), key, log = served
    for headers in ({"X-API-Key": key + "x"}, {"Authorization": f"Bearer {key}x"}):
        request = urllib.request.Request(f"http://{host}:{port}/v1/items?key={key}", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        assert refused.value.code == 401
        assert key not in refused.value.read().decode()
    assert '"status": 401' in log.read_text()
    assert key[6:] not in log.read_text()
