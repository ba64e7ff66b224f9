"""The studio catalogue: items with covers, sounds and descriptions, and listeners with planted tastes, from a seed."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from plait.datasets.covers import paint
from plait.datasets.families import FAMILIES, FILLERS, MAKERS, STRAY_PICTURE, STRAY_SCENE, STRAY_SOUND, TAGS
from plait.datasets.listeners import Log, listen
from plait.datasets.voices import SAMPLE_RATE, sound

START = 1_735_689_600
"""2025-01-01, when the log begins."""
PICTURE_ONLY, SOUND_ONLY, NO_PICTURE, NO_SOUND = 0.1, 0.1, 0.1, 0.2
"""Shares of items that have a cover and no words, a sound and no words, words and no cover, no sound."""


@dataclass(frozen=True, slots=True)
class StudioPlan:
    """What was planted.

    `families` by item; `tastes` by listener, one share a family; `hidden` the next liked item of each listener, which
    stands in no file; `series` and `bundles` are pairs (first, then); `seasonal` items belong to one month.
    """

    families: Mapping[str, str]
    tastes: Mapping[str, Sequence[float]]
    popularity: Mapping[str, float]
    hidden: Mapping[str, str]
    series: Sequence[tuple[str, str]]
    bundles: Sequence[tuple[str, str]]
    seasonal: Sequence[str]
    friends: Sequence[tuple[str, str]]
    picture_only: Sequence[str]
    sound_only: Sequence[str]


def write_studio(folder: Path, *, seed: int = 7, items: int = 360, listeners: int = 500) -> StudioPlan:
    """Write items.csv, interactions.csv, users.csv, relations.csv, covers/, sounds/ and plan.json into `folder`.

    The same seed gives the same files. Raises ValueError for fewer than two items a family.
    """
    if items < 2 * len(FAMILIES):
        raise ValueError(f"items is {items}; expected at least {2 * len(FAMILIES)}, two a family")
    rng = np.random.default_rng(seed)
    (folder / "covers").mkdir(parents=True, exist_ok=True)
    (folder / "sounds").mkdir(exist_ok=True)
    families = np.arange(items) % len(FAMILIES)
    rng.shuffle(families)
    rows = [_item(folder, f"s{number:03d}", int(family), rng) for number, family in enumerate(families)]
    _write_csv(folder / "items.csv", rows)
    log = listen([row["item_id"] for row in rows], families, listeners, rng, start=START)
    _write_log(folder, log)
    plan = StudioPlan(
        families={row["item_id"]: FAMILIES[f].name for row, f in zip(rows, families.tolist(), strict=True)},
        tastes={user: [round(share, 4) for share in taste] for user, taste in log.tastes.items()},
        popularity=log.popularity, hidden=log.hidden, series=log.series, bundles=log.bundles, seasonal=log.seasonal,
        friends=log.friends,
        picture_only=[row["item_id"] for row in rows if row["image"] and not row["title"]],
        sound_only=[row["item_id"] for row in rows if row["audio"] and not row["title"]],
    )  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(asdict(plan)), encoding="utf-8")
    return plan


def _item(folder: Path, item_id: str, family: int, rng: Generator) -> dict[str, Any]:
    """Make one item: its files are written, its row is returned."""
    import soundfile

    kind = rng.random()
    words, cover, voice = True, True, True
    if kind < PICTURE_ONLY:
        words, voice = False, False
    elif kind < PICTURE_ONLY + SOUND_ONLY:
        words, cover = False, False
    else:
        cover, voice = rng.random() >= NO_PICTURE, rng.random() >= NO_SOUND
    row: dict[str, Any] = {"item_id": item_id, "title": "", "description": "", "image": "", "audio": ""}
    title, description = _words(family, rng)
    if words:
        row |= {"title": title, "description": description}
    picture, sample = paint(FAMILIES[_stray(family, STRAY_PICTURE, rng)], rng), _stray(family, STRAY_SOUND, rng)
    samples = sound(FAMILIES[sample].voice, rng)
    if cover:
        row["image"] = f"covers/{item_id}.jpg"
        picture.save(folder / row["image"], quality=88)
    if voice:
        row["audio"] = f"sounds/{item_id}.flac"
        soundfile.write(folder / row["audio"], samples, SAMPLE_RATE, format="FLAC")
    return row | {
        "year": int(rng.integers(1990, 2025)),
        "maker": MAKERS[(family + int(rng.integers(0, 3))) % len(MAKERS)],
        "price": round(float(rng.gamma(3.0, 4.0)) + 1, 2),
        "tags": "|".join(sorted(rng.choice(TAGS, 2, replace=False).tolist())),
        "created_at": START - int(rng.integers(0, 400)) * 86_400,
    }


def _words(family: int, rng: Generator) -> tuple[str, str]:
    told = FAMILIES[family]
    scenes = rng.choice(told.scenes, 2, replace=False).tolist()
    if rng.random() < STRAY_SCENE:
        scenes[1] = str(rng.choice(FAMILIES[int(rng.integers(len(FAMILIES)))].scenes))
    first, second = rng.choice(told.titles, 2, replace=False).tolist()
    text = f"{scenes[0].capitalize()}; {scenes[1]}. {rng.choice(FILLERS)}"
    return f"{first} and {second}", text


def _stray(family: int, share: float, rng: Generator) -> int:
    """Return the family, or any other now and then."""
    other = (family + int(rng.integers(1, len(FAMILIES)))) % len(FAMILIES)
    return other if rng.random() < share else family


def _write_log(folder: Path, log: Log) -> None:
    columns = ("user_id", "item_id", "timestamp", "event", "value")
    _write_csv(folder / "interactions.csv", [dict(zip(columns, row, strict=True)) for row in log.events])
    _write_csv(folder / "users.csv", log.users)
    _write_csv(
        folder / "relations.csv",
        [{"user_id": one, "other_id": other, "weight": 1} for one, other in log.friends],
    )


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]) if rows else ["user_id"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
