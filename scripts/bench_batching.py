"""Measure answers over HTTP with batching and without: two services of one workspace, asked in turn in one run."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import httpx
import numpy as np
import typer

from plait import Recommender
from scripts.figures import Json, print_figures
from scripts.served import served, set_service

BATCHES = {"together": 32, "alone": 1}
LANE = "threads = 4\nwaiting = 64"


async def asked(address: str, requests: Sequence[tuple[str, str, Any]], concurrency: int) -> tuple[float, list[float]]:
    """Send requests, so many at a time; return the seconds of all and of each."""
    waiting, taken = iter(requests), list[float]()
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:

        async def one_after_another() -> None:
            for method, path, body in waiting:
                began = time.perf_counter()
                (await client.request(method, path, json=body)).raise_for_status()
                taken.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(one_after_another() for _ in range(concurrency)))
        return time.perf_counter() - began, taken


def questions(recommender: Recommender, count: int, rng: np.random.Generator) -> dict[str, list[tuple[str, str, Any]]]:
    """Return searches by words of titles, each another one, and recommendations to users drawn from all."""
    store, users = recommender.workspace.store, recommender.user_ids()
    titles = list(store.titles(store.item_ids()).values())
    texts = [f"{titles[a]} {titles[b]}" for a, b in rng.integers(len(titles), size=(count, 2))]
    drawn = [users[place] for place in rng.integers(len(users), size=count)]
    return {
        "search": [("POST", "/v1/search", {"text": text}) for text in texts],
        "recommend": [("GET", f"/v1/users/{user}/recommendations?log_exposure=false", None) for user in drawn],
        "recommend, logged": [("GET", f"/v1/users/{user}/recommendations", None) for user in drawn],
    }


def main(
    workspace: Annotated[Path, typer.Argument(help="A trained workspace.")],
    requests: Annotated[int, typer.Option(help="Requests of each kind in each round.")] = 1_000,
    concurrency: Annotated[int, typer.Option(help="How many are under way at once.")] = 32,
    rounds: Annotated[int, typer.Option(help="How often each is measured, in turn.")] = 3,
    seed: Annotated[int, typer.Option(help="Seed of all that is drawn.")] = 0,
    as_json: Json = False,
) -> None:
    """Print requests a second and the median and 99th percentile of milliseconds, and what batching gains."""
    asks = questions(Recommender.open(workspace), requests, np.random.default_rng(seed))
    found: dict[tuple[str, str], list[tuple[float, list[float]]]] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        places = {}
        for how, most in BATCHES.items():
            copy = Path(shutil.copytree(workspace, Path(name) / how))
            set_service(copy, f"batch = {most}\n{LANE}")
            _, places[how] = stack.enter_context(served(copy))
        for address in places.values():
            asyncio.run(asked(address, [one for kind in asks.values() for one in kind[:50]], concurrency))
        for turn in range(rounds):
            for kind, sent in asks.items():
                for how in list(BATCHES)[:: 1 if turn % 2 else -1]:
                    found.setdefault((kind, how), []).append(asyncio.run(asked(places[how], sent, concurrency)))
    print_figures((told(kind, found, requests) for kind in asks), as_json=as_json)


def told(kind: str, found: dict[tuple[str, str], list[tuple[float, list[float]]]], requests: int) -> dict[str, object]:
    """Return the figures of one kind of request."""
    figures: dict[str, object] = {"kind": kind}
    for how in BATCHES:
        each = np.concatenate([np.asarray(taken) for _, taken in found[kind, how]]) * 1e3
        figures[f"{how} a second"] = round(requests / float(np.median([all_of for all_of, _ in found[kind, how]])), 1)
        figures[f"{how} p50"], figures[f"{how} p99"] = (round(float(np.percentile(each, p)), 1) for p in (50, 99))
    pairs = zip(found[kind, "alone"], found[kind, "together"], strict=True)
    figures["gains by round"] = json.dumps([round(alone[0] / together[0], 2) for alone, together in pairs])
    return figures


if __name__ == "__main__":
    typer.run(main)
