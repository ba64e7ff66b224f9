"""Load: asks a service a mixture of questions over kept connections, so many at a time or at a rate, and times them.

A process of its own, over bare sockets, so that it takes little of the machine that it shares with the service.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

import numpy as np

KINDS = ("recommend", "events", "search")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: for how long, over how many connections, in which shares; `rate` a second, 0 for all that goes."""

    address: str
    seconds: float
    texts: list[str]
    users: int
    items: int
    connections: int = 16
    shares: tuple[float, float, float] = (0.7, 0.2, 0.1)
    rate: float = 0.0
    seed: int = 0


@dataclass(slots=True)
class Seen:
    """What came back: milliseconds by kind, and what was no 200 by kind and status, 0 for a lost connection."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    errors: Counter[str] = field(default_factory=Counter)
    shown: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """The last slate of each user, which some of their events then answer."""


class Connection:
    """One connection, opened again when it is lost."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, head: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body of an answer. Raises OSError or EOFError where the connection is lost."""
        try:
            # The service ends connections that were kept for long without a request.
            if self._pair is not None and self._pair[0].at_eof():
                self.close()
            if self._pair is None:
                self._pair = await asyncio.open_connection(*self._place)
            reader, writer = self._pair
            length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
            writer.write(f"{head} HTTP/1.1\r\nHost: load\r\n{length}\r\n".encode() + body)
            told = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(told.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            answer = await reader.readexactly(size)
        except (OSError, EOFError):
            self.close()
            raise
        if b"connection: close" in told:
            self.close()
        return int(told[9:12]), answer

    def close(self) -> None:
        """Close it; the next question opens another one."""
        if self._pair is not None:
            self._pair[1].close()
        self._pair = None


def questions(plan: Plan, seen: Seen, rng: np.random.Generator) -> Iterator[tuple[str, str, bytes, str]]:
    """Iterate over what is asked: the kind, the first line, the body, and the user."""
    number = 0
    while True:
        for kind in rng.choice(KINDS, size=1_000, p=plan.shares).tolist():
            number += 1
            user = f"user-{rng.integers(plan.users)}"
            if kind == "recommend":
                yield kind, f"GET /v1/users/{quote(user)}/recommendations", b"", user
            elif kind == "search":
                yield kind, "POST /v1/search", json.dumps({"text": plan.texts[number % len(plan.texts)]}).encode(), user
            else:
                event = {"user_id": user, "event_id": f"load-{plan.seed}-{number}", "event": "click"}
                name, shown = seen.shown.get(user, ("", []))
                if shown:
                    event |= {"item_id": shown[number % len(shown)], "recommendation_id": name}
                else:
                    event["item_id"] = f"item-{rng.integers(plan.items)}"
                yield kind, "POST /v1/events", json.dumps({"events": [event]}).encode(), user


async def asked(plan: Plan) -> Seen:
    """Ask until the time is over. With a rate, milliseconds count from when a question was due."""
    rng, seen = np.random.default_rng(plan.seed), Seen()
    host, port = plan.address.removeprefix("http://").split(":")
    stream, began = questions(plan, seen, rng), time.perf_counter()
    due = began

    async def one_after_another() -> None:
        nonlocal due
        connection = Connection(host, int(port))
        while time.perf_counter() < began + plan.seconds:
            kind, head, body, user = next(stream)
            start = time.perf_counter()
            if plan.rate:
                due += float(rng.exponential(1.0 / plan.rate))
                start = due
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            try:
                status, answer = await connection.ask(head, body)
            except (OSError, EOFError):
                status, answer = 0, b""
            if status != 200:
                seen.errors[f"{kind} {status}"] += 1
                continue
            seen.milliseconds[kind].append(1e3 * (time.perf_counter() - start))
            if kind == "recommend":
                told = json.loads(answer)
                seen.shown[user] = told["recommendation_id"], [one["item_id"] for one in told["items"]]
        connection.close()

    await asyncio.gather(*(one_after_another() for _ in range(plan.connections)))
    return seen


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load saw, in `seconds`, and the seconds of processor that it took itself."""

    seconds: float
    processor: float
    milliseconds: dict[str, list[float]]
    errors: dict[str, int]

    @property
    def a_second(self) -> float:
        """Answers a second."""
        return sum(map(len, self.milliseconds.values())) / self.seconds

    def told(self) -> dict[str, Any]:
        """Return figures: answers a second, p50 and p99 by kind, errors, and how much of a core the load took."""
        figures: dict[str, Any] = {"a_second": round(self.a_second, 1)}
        for kind, found in self.milliseconds.items():
            if found:
                figures |= {f"{kind}_p{p}": round(float(np.percentile(found, p)), 1) for p in (50, 99)}
        total = sum(self.errors.values())
        return figures | {"errors": self.errors if total else 0, "load_cores": round(self.processor / self.seconds, 3)}


def joined(some: list[Loaded]) -> Loaded:
    """Return several loads as one."""
    kinds, errors = some[0].milliseconds, [name for one in some for name in one.errors]
    return Loaded(
        sum(one.seconds for one in some), sum(one.processor for one in some),
        {kind: [value for one in some for value in one.milliseconds[kind]] for kind in kinds},
        {name: sum(one.errors.get(name, 0) for one in some) for name in errors},
    )  # fmt: skip


def start_load(plan: Plan) -> "subprocess.Popen[str]":
    """Start a load in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(plan)))
    process.stdin.close()
    process.stdin = None
    return process


def loaded(process: "subprocess.Popen[str]") -> Loaded:
    """Return what a load saw, once it has ended. Raises RuntimeError where it failed."""
    told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the load failed with exit code {process.returncode}")
    return Loaded(**json.loads(told))


def main() -> None:
    """Read a plan from standard input, and write what was seen to standard output."""
    plan = Plan(**json.load(sys.stdin))
    began = time.perf_counter()
    seen = asyncio.run(asked(plan))
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    json.dump(asdict(Loaded(seconds, used.ru_utime + used.ru_stime, seen.milliseconds, dict(seen.errors))), sys.stdout)


if __name__ == "__main__":
    main()
