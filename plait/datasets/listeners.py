"""Listeners of the studio catalogue: planted tastes, friends, and what they did over 120 days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plait.datasets.families import FAMILIES

DAYS = 120
DAY = 86_400
EVENTS = (12, 60)
"""Least and most events of a listener."""
CONCENTRATION = 0.25
"""Of the Dirichlet over families: most of a taste falls on two or three of them."""
SKEW = 0.8
"""Deviation of the log of an item's popularity."""
TASTE = 0.75
"""How often a choice follows the taste; otherwise it is any item, by popularity."""
LIKED = 0.65
"""How often a choice by taste is liked, against an eighth of that for any other."""
NEXT = 0.5
"""How often the second of a series or a bundle follows the first at once."""
DRIFTERS = 0.1
"""Share of listeners who change their taste half way."""
BOTS, BOT_EVENTS = 2, 2_400
DOUBLED = 20
SEASONAL = 8
SERIES, BUNDLES = 24, 12
HOMES = ("north", "south", "east", "west")

Event = tuple[str, str, int, str, Any]


@dataclass(frozen=True, slots=True)
class Log:
    """Events (user, item, time, event, value) by time, and all that was planted in them."""

    events: list[Event]
    users: list[dict[str, Any]]
    tastes: Mapping[str, list[float]]
    popularity: Mapping[str, float]
    hidden: Mapping[str, str]
    series: list[tuple[str, str]]
    bundles: list[tuple[str, str]]
    seasonal: list[str]
    friends: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _World:
    """Items as a listener meets them: families (n,), chances (n,), what follows what, who is in season."""

    families: NDArray[np.int64]
    popular: NDArray[np.float64]
    follows: Mapping[int, int]
    seasonal: NDArray[np.int64]


def listen(item_ids: Sequence[str], families: NDArray[np.int64], count: int, rng: Generator, *, start: int) -> Log:
    """Let `count` listeners live with the items; `families` (n,) by item, times from `start` on."""
    popular = np.exp(rng.normal(0.0, SKEW, len(item_ids)))
    series = _pairs(families, SERIES, rng, same=True)
    bundles = _pairs(families, BUNDLES, rng, same=False)
    seasonal = rng.choice(len(item_ids), min(SEASONAL, len(item_ids)), replace=False)
    world = _World(families, popular / popular.sum(), dict(series + bundles), seasonal)
    tastes = rng.dirichlet(np.full(len(FAMILIES), CONCENTRATION), count)
    events: list[Event] = []
    hidden: dict[str, str] = {}
    for number in range(count):
        user = f"u{number:03d}"
        mine = _history(user, item_ids, world, tastes[number], rng, start)
        liked = [place for place, event in enumerate(mine) if event[3] in ("like", "save", "purchase")]
        if liked and liked[-1] >= 5 and mine[liked[-1]][1] not in {event[1] for event in mine[: liked[-1]]}:
            hidden[user] = mine[liked[-1]][1]
            mine = mine[: liked[-1]]
        events += mine
    events += _bots(item_ids, rng, start)
    events += [events[int(place)] for place in rng.choice(len(events), min(DOUBLED, len(events)), replace=False)]
    events.sort(key=lambda event: (event[2], event[0], event[1], event[3]))
    names = [f"u{number:03d}" for number in range(count)]
    return Log(
        events, _people(names, tastes, rng), dict(zip(names, tastes.tolist(), strict=True)),
        dict(zip(item_ids, world.popular.tolist(), strict=True)), hidden,
        [(item_ids[a], item_ids[b]) for a, b in series], [(item_ids[a], item_ids[b]) for a, b in bundles],
        [item_ids[int(item)] for item in seasonal], _friends(names, tastes, rng),
    )  # fmt: skip


def _history(
    user: str, item_ids: Sequence[str], world: _World, taste: NDArray[np.float64], rng: Generator, start: int
) -> list[Event]:
    count = int(rng.integers(*EVENTS))
    times = np.sort(rng.integers(0, DAYS * DAY, count))
    drift = int(rng.integers(len(taste))) if rng.random() < DRIFTERS else 0
    due: list[int] = []
    events: list[Event] = []
    for place, moment in enumerate(times.tolist()):
        now = np.roll(taste, drift) if place > count // 2 else taste
        by_taste = bool(due) or rng.random() < TASTE
        item = due.pop() if due else _choice(world, now if by_taste else None, moment, rng)
        good = rng.random() < (LIKED if by_taste else LIKED / 8)
        events.append((user, item_ids[item], start + moment, *_deed(good, rng)))
        if good and item in world.follows and rng.random() < NEXT:
            due.append(world.follows[item])
    return events


def _choice(world: _World, taste: NDArray[np.float64] | None, moment: int, rng: Generator) -> int:
    chance = world.popular.copy()
    out_of_season = not 30 * DAY <= moment < 60 * DAY
    chance[world.seasonal] *= 0.05 if out_of_season else 6.0
    if taste is not None:
        chance *= taste[world.families]
    return int(rng.choice(len(chance), p=chance / chance.sum()))


def _deed(good: bool, rng: Generator) -> tuple[str, Any]:
    if good:
        event = str(rng.choice(["like", "save", "purchase", "like", "view"]))
        return (event, round(float(rng.gamma(4.0, 30.0)), 1)) if event == "view" else (event, "")
    event = str(rng.choice(["view", "skip", "click", "view"]))
    return (event, round(float(rng.gamma(2.0, 6.0)), 1)) if event == "view" else (event, "")


def _pairs(families: NDArray[np.int64], count: int, rng: Generator, *, same: bool) -> list[tuple[int, int]]:
    """Return (first, then) rows, each row once: of one family for series, of two for bundles."""
    order = rng.permutation(len(families)).tolist()
    pairs: list[tuple[int, int]] = []
    used: set[int] = set()
    for first in order:
        if len(pairs) == count:
            break
        fit = [other for other in order if other not in used and other != first]
        fit = [other for other in fit if bool(families[other] == families[first]) is same]
        if first not in used and fit:
            pairs.append((first, fit[0]))
            used |= {first, fit[0]}
    return pairs


def _bots(item_ids: Sequence[str], rng: Generator, start: int) -> list[Event]:
    events: list[Event] = []
    for bot in range(BOTS):
        item = item_ids[int(rng.integers(len(item_ids)))]
        first = start + int(rng.integers(DAYS - 1)) * DAY
        events += [(f"bot{bot}", item, first + second * 20, "click", "") for second in range(BOT_EVENTS)]
    return events


def _people(names: Sequence[str], tastes: NDArray[np.float64], rng: Generator) -> list[dict[str, Any]]:
    """Return users whose home says something of their taste, and whose age says nothing."""
    homes = (tastes.argmax(axis=1) // 3 + (rng.random(len(names)) < 0.3)) % len(HOMES)
    ages = rng.integers(16, 80, len(names)).tolist()
    return [
        {"user_id": name, "home": HOMES[int(home)], "age": age}
        for name, home, age in zip(names, homes, ages, strict=True)
    ]


def _friends(names: Sequence[str], tastes: NDArray[np.float64], rng: Generator) -> list[tuple[str, str]]:
    """Return edges: each listener knows four others, three of them of like taste."""
    likeness = tastes @ tastes.T
    np.fill_diagonal(likeness, -1.0)
    edges = set()
    for row, name in enumerate(names):
        near = np.argsort(-likeness[row], kind="stable")[:12]
        chosen = [*rng.choice(near, min(3, len(near)), replace=False).tolist(), int(rng.integers(len(names)))]
        edges |= {(name, names[other]) for other in chosen if other != row}
    return sorted(edges)
