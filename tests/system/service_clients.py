"""Clients of a service that is killed, restarted and changed under them: what they sent, and what was said to it."""

import json
import random
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from tests.waiting import eventually

Ask = Callable[[str, str, Any], tuple[int, Any]]
"""Sends method, path and body, and gives status and answer."""


class Clients:
    """Threads with a kept connection each, that do one thing over and over until they are stopped."""

    def __init__(self, address: str, turn: "Turn", count: int, name: str) -> None:
        self.acknowledged: list[str] = []
        self.answers = 0
        self.failures: list[str] = []
        self.lost = 0
        self._address = urlsplit(address).netloc
        self._name = name
        self._turn = turn
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def _go_on(self, number: int) -> None:
        connection = HTTPConnection(self._address, timeout=60)

        def ask(method: str, path: str, body: Any) -> tuple[int, Any]:
            try:
                data = None if body is None else json.dumps(body)
                connection.request(method, path, data, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())
            except (OSError, HTTPException, ValueError):
                connection.close()
                raise

        rng, step = random.Random(number), 0
        while not self._stopped.is_set():
            step += 1
            try:
                self.answers += self._turn(self, ask, rng, f"{self._name}{number}-{step}")
            except Exception as error:
                self.failures.append(repr(error))
                time.sleep(0.05)
            else:
                # The service has the processor, not who asks.
                time.sleep(rng.uniform(0.0, 0.03))
        connection.close()

    def wait_for(self, more: int) -> None:
        """Wait until so many more turns were answered."""
        wanted = self.answers + more
        eventually(lambda: self.answers >= wanted, seconds=120, pause=0.01, told=lambda: self.failures[-3:])

    def stop(self) -> None:
        """Let every thread end its turn."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(120)


Turn = Callable[[Clients, Ask, random.Random, str], bool]
"""Does one thing, named so, and says whether it was answered; what it raises is a failure."""


@contextmanager
def clients_of(address: str, turn: Turn, *, count: int = 6, name: str = "") -> Iterator[Clients]:
    """Let clients do one thing over and over until the block ends."""
    clients = Clients(address, turn, count, name)
    try:
        yield clients
    finally:
        clients.stop()


def record_once(clients: Clients, ask: Ask, rng: random.Random, name: str) -> bool:
    """Send a batch of events, which may be lost with the service."""
    return _record(clients, ask, _views(rng, name))


def record_for_sure(clients: Clients, ask: Ask, rng: random.Random, name: str) -> bool:
    """Send a batch of events until it is acknowledged."""
    events = _views(rng, name)
    while not _record(clients, ask, events):
        time.sleep(0.02)
    return True


def _views(rng: random.Random, name: str) -> list[dict[str, str]]:
    ids = [f"{name}-{place}" for place in range(rng.randint(1, 4))]
    return [
        {"user_id": f"user-{rng.randrange(6)}", "item_id": "cooking-0", "event": "view", "event_id": one} for one in ids
    ]


def _record(clients: Clients, ask: Ask, events: list[dict[str, str]]) -> bool:
    """Return whether the service acknowledged them."""
    try:
        status, answer = ask("POST", "/v1/events", {"events": events})
    except (OSError, HTTPException, ValueError):
        clients.lost += 1
        return False
    assert status == 200, answer
    assert answer["accepted"] + answer["duplicates"] == len(events)
    clients.acknowledged += [event["event_id"] for event in events]
    return True


def ask_for_all(clients: Clients, ask: Ask, rng: random.Random, name: str) -> bool:
    """Send one request of any kind, once; whatever is no answer is a failure."""
    user = f"user-{rng.randrange(6)}"
    event = {"user_id": user, "item_id": "cooking-0", "event": "view", "event_id": name}
    method, path, body = rng.choice([
        ("GET", f"/v1/users/{user}/recommendations", None),
        ("POST", "/v1/events", {"events": [event]}),
        ("POST", "/v1/search", {"like": ["cooking-1"]}),
        ("GET", "/v1/items/cooking-0/similar", None),
    ])  # fmt: skip
    status, answer = ask(method, path, body)
    assert status == 200, (path, status, answer)
    if path == "/v1/events":
        clients.acknowledged.append(name)
    return True


def asked(address: str, body: object = None) -> Any:
    """Return what a route answers, as JSON, to a GET or to a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())
