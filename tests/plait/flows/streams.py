"""What tests of online learning share: events of new users, and the rounds that learn from them."""

from collections.abc import Iterator
from pathlib import Path

from plait.flows.learner import Learner, Round
from plait.live import Live
from plait.records import Event
from plait.workspace import Workspace
from tests.plait import toy

FAMILIES = list(toy.FAMILIES)


def liking(turns: range, *, event: str = "like", shift: int = 1) -> list[Event]:
    """Return the events of new users: each likes a whole family, and then the one that is `shift` further."""
    events = []
    for turn in turns:
        for step in range(12):
            family = FAMILIES[(turn + (step >= 6) * shift) % 4]
            item = f"{family}-{(turn + step) % 6}"
            said = event if step >= 6 else "like"
            moment = toy.START + 1e6 + 1_000.0 * turn + step
            events.append(Event(f"new-{turn}", item, moment, said, event_id=f"{turn}-{step}-{event}"))
    return events


def record(folder: Path, events: list[Event]) -> None:
    Workspace.open(folder).store.record(events)


def rounds(folder: Path) -> Iterator[Round]:
    learner = Learner(Live(Workspace.open(folder)))
    while (done := learner.round()) is not None:
        yield done
