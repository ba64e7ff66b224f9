"""The studio catalogue: items with covers, sounds and words, and listeners with planted tastes, from a seed."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator

from plait.datasets import strengths as s
from plait.datasets.choice import DAY, START
from plait.datasets.covers import paint
from plait.datasets.families import FAMILIES
from plait.datasets.listening import disturb, listen
from plait.datasets.people import HOMES, gather_people
from plait.datasets.plan import StudioPlan, write_plan
from plait.datasets.planting import make_debuts, plan_of
from plait.datasets.tones import SAMPLE_RATE
from plait.datasets.voices import synthesise
from plait.datasets.works import Works, plan_works

__all__ = ["StudioPlan", "write_studio"]

MAKERS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel")
TAGS = (("calm", "lively"), ("dusky", "bright"))
"""For each trait, the tags of its low and its high side."""
ITEM_COLUMNS = ("item_id", "title", "description", "image", "audio", "year", "maker", "price", "tags", "created_at")
PEOPLE, WORKS, LOG, NOISE, DEBUTS, FACTS, PICTURES, SOUNDS = range(8)
"""Streams of random numbers: one can be drawn from without moving another."""


def write_studio(folder: Path, *, seed: int = 7, items: int = 360, listeners: int = 500) -> StudioPlan:
    """Write items.csv, interactions.csv, users.csv, relations.csv, covers/, sounds/ and plan.json into `folder`.

    The same numbers give the same files. Raises ValueError for fewer than two items a family or no listener.
    """
    works = plan_works(items, np.random.default_rng([seed, WORKS]))
    people = gather_people(listeners, np.random.default_rng([seed, PEOPLE]))
    log = listen(works, people, np.random.default_rng([seed, LOG]))
    events, bots = disturb(log, works, np.random.default_rng([seed, NOISE]))
    debuts = make_debuts(people, np.random.default_rng([seed, DEBUTS]))
    plan = plan_of(works, people, log, bots=bots, debuts=debuts)
    folder.mkdir(parents=True, exist_ok=True)
    write_plan(plan, folder)
    _write(folder / "items.csv", ITEM_COLUMNS, _item_rows(works, np.random.default_rng([seed, FACTS])))
    _write(folder / "interactions.csv", ("user_id", "item_id", "timestamp", "event", "value"), events)
    homes = [HOMES[home] for home in people.homes.tolist()]
    known = zip(people.user_ids, homes, people.ages.tolist(), strict=True)
    _write(folder / "users.csv", ("user_id", "home", "age"), known)
    _write(folder / "relations.csv", ("user_id", "other_id", "weight"), [(*edge, 1) for edge in plan.friends])
    _write_covers(folder / "covers", works, seed)
    _write_sounds(folder / "sounds", works, seed)
    return plan


def _item_rows(works: Works, rng: Generator) -> Iterable[tuple[object, ...]]:
    for row, item_id in enumerate(works.item_ids):
        worded = works.worded[row]
        # A maker works in a few families, and what is light is younger.
        maker = MAKERS[(int(works.families[row]) + int(rng.integers(0, 3))) % len(MAKERS)]
        year = int(np.clip(2008 + 6 * works.traits[row, 1] + rng.normal(0, 6), 1980, 2024))
        yield (
            item_id,
            works.titles[row] if worded else "",
            works.descriptions[row] if worded else "",
            f"covers/{item_id}.jpg" if works.covered[row] else "",
            f"sounds/{item_id}.flac" if works.sounding[row] else "",
            year, maker, round(float(rng.gamma(3.0, 4.0)) + 1, 2), _tags(works, row, rng),
            START - int(rng.integers(0, 400)) * DAY,
        )  # fmt: skip


def _tags(works: Works, row: int, rng: Generator) -> str:
    high = works.traits[row] > 0
    true = rng.random(len(TAGS)) < s.TAG_TRUTH
    return "|".join(tags[int(side)] for tags, side in zip(TAGS, (high == true).tolist(), strict=True))


def _write_covers(folder: Path, works: Works, seed: int) -> None:
    folder.mkdir(exist_ok=True)
    for row in np.flatnonzero(works.covered).tolist():
        rng = np.random.default_rng([seed, PICTURES, row])
        picture = paint(FAMILIES[works.shown[row]], float(works.traits[row, 1]), rng)
        picture.save(folder / f"{works.item_ids[row]}.jpg", quality=88)


def _write_sounds(folder: Path, works: Works, seed: int) -> None:
    import soundfile

    folder.mkdir(exist_ok=True)
    for row in np.flatnonzero(works.sounding).tolist():
        rng = np.random.default_rng([seed, SOUNDS, row])
        samples = synthesise(FAMILIES[works.heard[row]].voice, float(works.traits[row, 0]), rng)
        soundfile.write(folder / f"{works.item_ids[row]}.flac", samples, SAMPLE_RATE, format="FLAC")


def _write(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
