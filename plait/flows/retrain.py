"""Retrain: a duty; models are learnt anew in the background when tastes have changed or much was recorded."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from plait import snapshot
from plait.child_training import ChildTraining, Outcome
from plait.errors import BadData
from plait.flows.ranks_since import RanksSince
from plait.flows.trial import RANKS
from plait.live import Live
from plait.schedule import seconds_of_budget
from plait.snapshot import Snapshot
from plait.workspace import Workspace
from ranker.drift import alarm

REST = 3_600.0
"""Seconds after a training that failed before the next one."""
MADE = ("train", "erase")
"""By whom models are made that a training has learnt; an erasure keeps what they have learnt."""


@dataclass(frozen=True, slots=True)
class LastTraining:
    """What the last training has learnt from: the log up to `sequence`, `events` of it; `number` is what answers.

    `ranks` are those that the models had at birth, none where others answer, or none were held back.
    """

    number: int | None
    sequence: int
    events: int
    ranks: tuple[float, ...] = ()


class Retraining:
    """The duty of one process: what it has measured since the last training, and the training that runs."""

    def __init__(
        self, live: Live, *, seed: int = 0, hour: Callable[[], int] = lambda: time.localtime().tm_hour
    ) -> None:
        """Begin with nothing; `hour` tells the hour of the day."""
        self._live, self._seed, self._hour = live, seed, hour
        self._ranks: tuple[LastTraining, RanksSince] | None = None
        self._rests_until = -float("inf")
        self.child: ChildTraining | None = None

    def turn(self) -> Iterator[str]:
        """Look after the training that runs, or begin one where there is a reason; yield what has happened.

        Raises BadData for a training that failed; then there is none for REST seconds.
        """
        if self.child is not None:
            outcome = self.child.outcome()
            if outcome is not None:
                yield from self._ended(outcome)
            return
        schedule = self._live.workspace.config.schedule
        if time.monotonic() < self._rests_until or not schedule.is_time(self._hour()):
            return
        why = self.reason()
        if why:
            yield f"training begins: {why}"
            self.child = self._begin(why)

    def finish(self) -> Iterator[str]:
        """Wait for the training that runs, and yield how it ended. Raises BadData as `turn` does."""
        if self.child is not None:
            outcome = self.child.outcome(wait=True)
            if outcome is not None:
                yield from self._ended(outcome)

    def end(self) -> None:
        """Stop the training that runs."""
        if self.child is not None:
            self.child.stop()
            self.child = None

    def reason(self) -> str:
        """Return why models are to be learnt anew, "" for no reason."""
        workspace = self._live.workspace
        schedule = workspace.config.schedule
        learnt = learnt_last(workspace)
        events = workspace.store.told_after(learnt.sequence)
        if schedule.heeds("volume") and schedule.enough(events, learnt.events):
            return f"volume: {events} events since the last training, which had {learnt.events}"
        if schedule.heeds("drift") and learnt.number is not None and events:
            ranks = self._ranks_since(learnt)
            found = alarm(ranks, before=learnt.ranks, false_alarms=schedule.false_alarms, seed=learnt.sequence)
            if found is not None:
                return f"drift: what is liked ranks lower, seen after {found} likings"
        return ""

    def _ranks_since(self, learnt: LastTraining) -> list[float]:
        """Return the ranks of likings since the last training."""
        # By the models as they were trained: what learns online hears the likings that are ranked, and a process that
        # begins anew would find them ranked by what they taught.
        moment = self._live.as_trained()
        if self._ranks is None or self._ranks[0] != learnt:
            since = RanksSince(self._live, moment.models, after=learnt.sequence, seed=learnt.sequence)
            self._ranks = learnt, since
        self._ranks[1].follow(moment, self._live.workspace.store.sequence())
        return self._ranks[1].ranks

    def _begin(self, why: str) -> ChildTraining:
        workspace = self._live.workspace
        schedule = workspace.config.schedule
        arguments = ["--budget", schedule.budget, "--seed", str(self._seed), "--judged", "--why", why]
        seconds = seconds_of_budget(schedule.budget)
        return ChildTraining(workspace.folder, arguments, seconds=seconds, memory=schedule.memory)

    def _ended(self, outcome: Outcome) -> Iterator[str]:
        self.child = None
        report = outcome.report
        if outcome.problem:
            self._rests_until = time.monotonic() + REST
            raise BadData(f"the training failed: {outcome.problem}; the next is {REST / 60:.0f} minutes away at least")
        if report["answers"]:
            yield f"model {report['model']} answers, learnt from {report['events']} events"
        else:
            yield f"model {report['model']} does not answer: in its trial it was worse than model {report['from']}"


def learnt_last(workspace: Workspace) -> LastTraining:
    """Return what the last training has learnt from, whether its models answer or not; nothing before the first."""
    place = workspace.models_folder
    found = [one for number in snapshot.numbers(place) if (one := _read(place, number)) is not None]
    made = [one for one in found if one.details.get("made_by") in MADE]
    last = max(made, key=lambda one: (one.sequence, one.number), default=None)
    if last is None:
        return LastTraining(None, 0, 0)
    number, events = snapshot.number_before(place), int(last.details.get("events") or 0)
    # Of models that do not answer it says nothing how they would have ranked.
    ranks = last.details.get(RANKS) or () if number == last.number else ()
    return LastTraining(number, last.sequence, events, tuple(ranks))


def _read(place: Path, number: int) -> Snapshot | None:
    try:
        return snapshot.read(place, number)
    except BadData:
        return None
