"""What the listeners of the studio catalogue did over 120 days: the log, and what is held back of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plait.datasets import strengths as s
from plait.datasets.choice import DAY, DAYS, START, liking, seasoned
from plait.datasets.people import People
from plait.datasets.works import Works

LIKES = ("like", "save", "purchase")
LEAST_KNOWN = 5
"""Events that stand before a hidden one at least."""
SESSION_EVENTS, SESSION_SECONDS = 5, 3_600

Event = tuple[str, str, int, str, str]
"""user_id, item_id, Unix seconds, event, value ("" for none)."""


@dataclass(frozen=True, slots=True)
class Log:
    """Events by time; `hidden` (item_id, moment) by listener; `pending`, what just pleased, by listener."""

    events: Sequence[Event]
    hidden: Mapping[str, tuple[str, int]]
    pending: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done with the item of a row at a moment in Unix seconds, and whether it pleased."""

    row: int
    moment: int
    event: str
    value: str
    good: bool


def listen(works: Works, people: People, rng: Generator) -> Log:
    """Let everybody live with the items; each one's last liked event is held back, with all that came after it."""
    follows = dict([*works.series, *works.bundles])
    events: list[Event] = []
    hidden: dict[str, tuple[str, int]] = {}
    pending: dict[str, str] = {}
    for user_id, lived in live(works, people, rng):
        cut = _last_new_like(lived)
        if cut is not None:
            hidden[user_id] = works.item_ids[lived[cut].row], lived[cut].moment
            lived = lived[:cut]
            if lived[-1].good and lived[-1].row in follows:
                pending[user_id] = works.item_ids[lived[-1].row]
        events += [(user_id, works.item_ids[deed.row], deed.moment, deed.event, deed.value) for deed in lived]
    return Log(sorted(events, key=by_time), hidden, pending)


def live(works: Works, people: People, rng: Generator) -> Iterator[tuple[str, list[Deed]]]:
    """Iterate over the listeners: the id of each, and all that they do over DAYS, by time."""
    cares = liking(people.tastes, people.leanings, works.families, works.traits)
    cared = liking(people.earlier, people.leanings, works.families, works.traits)
    follows = dict([*works.series, *works.bundles])
    for user, user_id in enumerate(people.user_ids):
        yield user_id, _live(works, follows, (cared[user], cares[user]), rng)


def disturb(log: Log, works: Works, rng: Generator) -> tuple[list[Event], list[str]]:
    """Return the events of the log with bots among them and some written twice, by time; and the bots' ids."""
    bots = [f"bot{number}" for number in range(s.BOTS)]
    events = list(log.events)
    for bot in bots:
        first = START + int(rng.integers(DAYS - 1)) * DAY
        clicked = rng.integers(0, len(works), s.BOT_EVENTS).tolist()
        moments = range(first, first + s.BOT_EVENTS * s.BOT_SECONDS, s.BOT_SECONDS)
        events += [(bot, works.item_ids[row], at, "click", "") for row, at in zip(clicked, moments, strict=True)]
    twice = rng.choice(len(log.events), min(s.DOUBLED, len(log.events)), replace=False).tolist()
    return sorted([*events, *(log.events[place] for place in twice)], key=by_time), bots


def by_time(event: Event) -> tuple[int, str, str, str]:
    """Return what events are sorted by: time first, and nothing left to chance."""
    return event[2], event[0], event[1], event[3]


def _live(
    works: Works, follows: Mapping[int, int], cares: tuple[NDArray[np.float64], NDArray[np.float64]], rng: Generator
) -> list[Deed]:
    """Return what one listener does, by time; `cares` are the likings (n,) of the first half and of the second."""
    bought = {row for pair in works.bundles for row in pair}
    moments = _moments(int(rng.integers(*s.EVENTS)), rng)
    due: int | None = None
    lived: list[Deed] = []
    for place, moment in enumerate(moments):
        by_taste = due is not None or rng.random() < s.TASTE
        if due is None:
            chances = seasoned(works.popularity, works.seasonal, moment)
            chances *= cares[place > len(moments) // 2] if by_taste else 1.0
            row = int(rng.choice(len(works), p=chances / chances.sum()))
        else:
            row = due
        good = bool(rng.random() < s.LIKED * (1.0 if by_taste else s.INDIFFERENT))
        lived.append(Deed(row, moment, *_event(good, row in bought, rng), good))
        due = follows.get(row) if good and rng.random() < s.NEXT else None
    return lived


def _moments(count: int, rng: Generator) -> list[int]:
    """Return ascending Unix seconds, in sittings of about SESSION_EVENTS."""
    sittings = rng.integers(0, DAYS * DAY - SESSION_SECONDS, count // SESSION_EVENTS + 1)
    within = rng.choice(sittings, count) + rng.integers(0, SESSION_SECONDS, count)
    moments: list[int] = np.sort(START + within).tolist()
    return moments


def _event(good: bool, bought: bool, rng: Generator) -> tuple[str, str]:
    """Return the name and the value of an event: a view has the seconds it lasted."""
    if good:
        event = "purchase" if bought else str(rng.choice(["like", "save", "purchase", "like", "view"]))
        seconds = rng.gamma(4.0, 30.0)
    else:
        event = str(rng.choice(["view", "skip", "click", "view"]))
        seconds = rng.gamma(2.0, 6.0)
    return event, f"{seconds:.1f}" if event == "view" else ""


def _last_new_like(lived: Sequence[Deed]) -> int | None:
    """Return the place of the last liked event, if its item is new to the listener and enough stands before it."""
    liked = [place for place, deed in enumerate(lived) if deed.event in LIKES]
    if not liked or liked[-1] < LEAST_KNOWN:
        return None
    known = {deed.row for deed in lived[: liked[-1]]}
    return liked[-1] if lived[liked[-1]].row not in known else None
