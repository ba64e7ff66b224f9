"""Measure the detector of drift: how often it cries though nothing changed, and how soon it finds a change.

First on streams drawn by code, where the order truly says nothing; then on studio catalogues whose listeners go on as
they were, or have swapped tastes between communities, a whole second period after the training. Items have own vectors,
so that nothing is encoded.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from plait import Recommender
from plait.datasets.listening import Event, listen
from plait.datasets.people import gather_people
from plait.datasets.second_period import second_period
from plait.datasets.studio import LOG, PEOPLE, WORKS
from plait.datasets.works import Works, plan_works
from plait.flows.ranks_since import RanksSince
from plait.flows.retrain import learnt_last
from plait.live import Live
from plait.workspace import Workspace
from ranker.drift import alarm
from scripts.figures import print_figures

ITEMS, LISTENERS = 360, 500
STATED = (0.1, 0.01)
BEFORE, AFTER = 500, 2_000
"""Likings of a drawn stream before its change, and after it."""
KNOWN = 0.7
"""Share of the first period that the first models learn; the second, which are watched, learn all of it."""
POWERS = (0.25, 0.5, 0.8)
"""Ranks u, even at first, become u ** power."""


def simulated(streams: int, seed: int) -> list[dict[str, Any]]:
    """Return false alarms and delays on drawn streams."""
    told: list[dict[str, Any]] = []
    for stated in STATED:
        even = [
            alarm(np.random.default_rng([seed, one]).random(AFTER).tolist(), false_alarms=stated, seed=one)
            for one in range(streams)
        ]
        told.append({"stream": f"{AFTER} likings, no change", "stated": stated, "alarms": _share(even)})
        for power in POWERS:
            found = []
            for one in range(streams // 10):
                rng = np.random.default_rng([seed, one])
                ranks = [*rng.random(BEFORE), *rng.random(AFTER) ** power]
                found.append(alarm(ranks, false_alarms=stated, seed=one))
            name = f"mean .5 -> {1 / (1 + power):.2f} after {BEFORE}"
            told.append({"stream": name, "stated": stated, "alarms": _share(found), **_delays(found, BEFORE)})
    return told


def _share(found: list[int | None]) -> float:
    return round(sum(one is not None for one in found) / len(found), 4)


def _delays(found: list[int | None], change: int) -> dict[str, float]:
    """Return median and 90th percentile of the likings between a change and its alarm, those found alone."""
    delays = [one - change for one in found if one is not None and one > change]
    return {"median": float(np.median(delays)), "p90": float(np.percentile(delays, 90))} if delays else {}


def made(folder: Path, seed: int) -> Recommender:
    """Return a trained workspace of a studio catalogue whose items have own vectors."""
    works = plan_works(ITEMS, np.random.default_rng([seed, WORKS]))
    people = gather_people(LISTENERS, np.random.default_rng([seed, PEOPLE]))
    log = listen(works, people, np.random.default_rng([seed, LOG]))
    np.save(folder / "vectors.npy", _vectors(works, seed))
    items = [{"item_id": item_id, "title": item_id} for item_id in works.item_ids]
    known = rows_of(log.events[: int(KNOWN * len(log.events))])
    recommender = Recommender.build(
        folder / "workspace", items=items, interactions=known, vectors={"text": folder / "vectors.npy"}
    )
    recommender.train(budget="1m")
    recommender.record(rows_of(log.events[len(known) :]))
    # Beside these models the next are judged, and so have ranks of likings that they did not learn.
    recommender.train(budget="1m", judged=True)
    return recommender


def _vectors(works: Works, seed: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return (n, 16) unit vectors that tell family and traits, with noise."""
    rng = np.random.default_rng([seed, 99])
    centres = rng.normal(size=(int(works.families.max()) + 1, 14))
    told = np.concatenate([centres[works.families], 0.5 * works.traits], axis=1)
    vectors = told + 0.7 * rng.normal(size=told.shape)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def rows_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return events as `record` and `build` take them."""
    return [
        {"user_id": user, "item_id": item, "timestamp": at, "event": event, "value": float(value) if value else None}
        for user, item, at, event, value in events
    ]


def ranks_of(folder: Path, events: Sequence[Event]) -> tuple[list[float], list[float]]:
    """Record events; return the models' ranks at birth, and those of the likings among the events."""
    live = Live(Workspace.open(folder))
    live.workspace.store.record([_event(row) for row in rows_of(events)])
    learnt = learnt_last(live.workspace)
    moment = live.refresh()
    since = RanksSince(live, moment.models, after=learnt.sequence, seed=learnt.sequence)
    since.follow(moment, live.workspace.store.sequence())
    return list(learnt.ranks), since.ranks


def _event(row: dict[str, Any]) -> Any:
    from plait.records import Event as Recorded

    return Recorded(**row)


def studios(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield for each studio what the detector says when all go on, when all swap at once, and half way."""
    for number in range(seed, seed + count):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            made(folder, number)
            shutil.copytree(folder / "workspace", folder / "swapped")
            birth, same = ranks_of(folder / "workspace", _second(number, swapped=False))
            _, other = ranks_of(folder / "swapped", _second(number, swapped=True))
        half = len(same) // 2
        streams = {"as they were": same, "swapped": other, "swapped half way": same[:half] + other[half:]}
        for name, ranks in streams.items():
            yield {"studio": number, "listeners": name, **_watched(birth, ranks, half, number)}


def _second(seed: int, *, swapped: bool) -> list[Event]:
    return second_period(seed=seed, items=ITEMS, listeners=LISTENERS, swapped=swapped)


def _watched(birth: list[float], ranks: list[float], half: int, seed: int) -> dict[str, Any]:
    """Return means of ranks, and after how many likings of the second period is cried."""
    parts = {"at birth": birth, "first half": ranks[:half], "second": ranks[half:]}
    means = {f"mean {name}": round(float(np.mean(part)), 3) for name, part in parts.items()}
    alarms = {f"alarm at {one}": alarm(ranks, before=birth, false_alarms=one, seed=seed) for one in STATED}
    return {"ranked at birth": len(birth), "likings": len(ranks), **means, **alarms}


def main(
    streams: Annotated[int, typer.Option(help="Streams drawn by code.")] = 2_000,
    count: Annotated[int, typer.Option("--studios", help="Studio catalogues, of the seeds from --seed on.")] = 5,
    seed: Annotated[int, typer.Option(help="The first seed.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Run both."""
    print_figures(simulated(streams, seed), as_json=as_json)
    print_figures(studios(count, seed), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
