"""Learning a sequence encoder: how many epochs are best, on held-out likings, or so many more on all there is."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from ranker.hold_out import HeldOut, hold_out
from ranker.interactions import Floats, Histories, Interactions
from ranker.one_thread import one_thread
from ranker.sequence import SequenceModel
from ranker.sequence_batches import batches
from ranker.sequence_checkpoint import Checkpoint, fingerprint, read_checkpoint, write_checkpoint
from ranker.sequence_rows import Met, with_users_by_appearance
from ranker.sequence_settings import SequenceSettings, usual_settings
from ranker.sequence_validation import CUT, mean_gain

Say = Callable[[str], None]
LEAST_JUDGED = 30
"""Held-out likings on which epochs are chosen; of fewer, USUAL_EPOCHS are learnt."""
MOST_JUDGED = 1_500
USUAL_EPOCHS = 20
CHECKPOINT_SECONDS = 60.0
SLOWER = 1.2
"""By so much an epoch may be slower than those before without being cut short."""
_BEST = "best/"


@dataclass(frozen=True, slots=True)
class SequenceFit:
    """What was learnt, and how it went.

    `epochs` were done whole; the model is that after `best` of them, which is how many a run on more of the log
    should make. `curve` holds (epochs, NDCG@10 on held-out likings), empty where epochs were given; `complete` says
    whether training came to its end rather than to its deadline. `pace` are the seconds an epoch took, judging and what
    was begun of another included; 0 where none was made in this run.
    """

    model: SequenceModel
    epochs: int
    best: int
    curve: tuple[tuple[int, float], ...]
    complete: bool
    pace: float


def fit_sequence(
    interactions: Interactions,
    vectors: Floats,
    *,
    settings: SequenceSettings | None = None,
    epochs: int | None = None,
    seed: int = 0,
    deadline: float | None = None,
    progress: Say | None = None,
    checkpoint: Path | None = None,
    start: SequenceModel | None = None,
) -> SequenceFit:
    """Learn what comes next in the histories of `interactions`, with items of fused `vectors` (n, D).

    With `epochs` it learns from everything for so long. Without, the last liking of each user is held out (of as many
    users as judge well), and the model is the one after the epoch that says them best: see `SequenceFit.best`.
    With a `start`, a model of the same items and settings, it goes on from there instead of from nothing, and the rate
    falls evenly, to nothing at the end: what the start has learnt from other events is kept and comes to rest.
    `deadline` (of time.monotonic) ends training between two batches. In the folder `checkpoint` it is kept where the
    run stands, and a run of the same log, vectors, settings, epochs, seed and start goes on from there, to the same
    arrays; several runs may share the folder, which is the caller's to remove.

    Without `settings` those are taken that suit the size of the log. Deterministic by `seed`, on one
    machine to the last bit; where the processor has bfloat16, large networks multiply in it. Which rows items and users
    have tells nothing. Raises ValueError where nobody liked anything, for vectors or a start of another number of
    items, and for a start of other settings.
    """
    settings = settings or usual_settings(interactions)
    _check(interactions, vectors, settings, start)
    ordered = with_users_by_appearance(interactions)
    held = _held_out(ordered, seed) if epochs is None else None
    learnt = ordered if held is None else held.before
    usual = settings.most_epochs if held is not None else min(settings.most_epochs, USUAL_EPOCHS)
    limit = usual if epochs is None else epochs
    name = fingerprint(interactions, vectors, settings, epochs=epochs, seed=seed, start=start) if checkpoint else ""
    met = Met.of(learnt, vectors)
    lesson = _Lesson(met, met.histories(learnt), vectors, held, settings, limit, seed, start)
    return _Run(lesson, deadline, progress or (lambda _: None), checkpoint, name).fit()


def affordable(fit: SequenceFit, most: int, deadline: float | None) -> int:
    """Return for how many more whole epochs there is time until `deadline` (of time.monotonic), at most `most`."""
    if deadline is None or not fit.pace:
        return most
    return min(most, max(int((deadline - time.monotonic()) / (SLOWER * fit.pace)), 0))


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What is learnt, on what it is judged, and for how many epochs at most."""

    met: Met
    histories: Histories
    vectors: Floats
    held: HeldOut | None
    settings: SequenceSettings
    limit: int
    seed: int
    start: SequenceModel | None


class _Run:
    """A network that learns a lesson, and where it stands: `epochs` done, and `steps` of the next."""

    def __init__(self, lesson: _Lesson, deadline: float | None, say: Say, folder: Path | None, name: str) -> None:
        from ranker.sequence_training import Trainer

        self.lesson, self.deadline, self.say, self.folder, self.name = lesson, deadline, say, folder, name
        counts = np.bincount(lesson.histories.items, minlength=len(lesson.met.rows))
        self.trainer = Trainer(lesson.settings, lesson.met.content, counts, seed=lesson.seed)
        if lesson.start is not None:
            self.trainer.start_from(lesson.met.parameters(lesson.start, lesson.vectors))
        self.epochs, self.steps = 0, 0
        self.curve: tuple[tuple[int, float], ...] = ()
        self.best: SequenceModel | None = None
        self.slowest, self.written = 0.0, time.monotonic()
        self._go_on()

    def fit(self) -> SequenceFit:
        """Learn until the end or the deadline.

        Products are made on one thread: small ones gain nothing by several, and all lose much on a busy machine. Large
        networks learn from parts of a batch side by side instead (`ranker.sequence_training`).
        """
        with one_thread():
            return self._fit()

    def _fit(self) -> SequenceFit:
        complete, before, began = True, self.epochs, time.monotonic()
        while complete and not self._enough():
            complete = self._in_time(before, began) and self._epoch() and self._judged()
        if not complete:
            self._write()
        best = max(self.curve, key=lambda point: (point[1], -point[0]), default=(self.epochs, 0.0))[0]
        model = self.model() if self.best is None else self.best
        return SequenceFit(model, self.epochs, best, self.curve, complete, self._pace(before, began))

    def model(self) -> SequenceModel:
        """Return the model as it is now."""
        lesson = self.lesson
        return lesson.met.model(self.trainer.adam.learnt(), lesson.settings, lesson.vectors)

    def _pace(self, before: int, began: float) -> float:
        """Return the seconds of an epoch since `began`, when there were `before`; 0 where none was made."""
        return (time.monotonic() - began) / (self.epochs - before) if self.epochs > before else 0.0

    def _in_time(self, before: int, began: float) -> bool:
        """Say whether another epoch is worth beginning: one that is to be judged, and cannot be in time, is lost."""
        if self.deadline is None or self.lesson.held is None:
            return True
        return time.monotonic() + self._pace(before, began) <= self.deadline

    def _enough(self) -> bool:
        gains = [gain for _, gain in self.curve]
        since = len(gains) - 1 - int(np.argmax(gains)) if gains else 0
        return self.epochs >= self.lesson.limit or since >= self.lesson.settings.patience

    def _epoch(self) -> bool:
        """Learn from every window once, or from those that are left; say whether that was done in time."""
        rng = np.random.default_rng((self.lesson.seed, self.epochs))
        for place, (share, batch) in enumerate(batches(self.lesson.histories, self.lesson.settings, rng)):
            if place < self.steps:
                continue
            began = time.monotonic()
            if self.deadline is not None and began + self.slowest > self.deadline:
                return False
            cooled = 1.0 if self.lesson.start is None else 1.0 - (self.epochs + share) / self.lesson.limit
            self.trainer.step(batch, self.epochs, place, cooled=cooled)
            self.steps = place + 1
            # The first step is slow, and widths differ: the time to leave for another is that of the slow ones of late.
            self.slowest = max(0.9 * self.slowest, time.monotonic() - began)
            if time.monotonic() - self.written > CHECKPOINT_SECONDS:
                self._write()
        self.epochs, self.steps = self.epochs + 1, 0
        return True

    def _judged(self) -> bool:
        """Judge the epoch that is over, where something was held out; say whether that was done in time."""
        lesson, said = self.lesson, f"sequence: epoch {self.epochs} of at most {self.lesson.limit}"
        if lesson.held is not None:
            model = self.model()
            gain = mean_gain(model, lesson.held, deadline=self.deadline)
            if gain is None:
                return False
            if not self.curve or gain > max(before for _, before in self.curve):
                self.best = model
            self.curve = (*self.curve, (self.epochs, gain))
            said += f", NDCG@{CUT} {gain:.4f} on held-out likings"
        self.say(said)
        self._write()
        return True

    def _write(self) -> None:
        self.written = time.monotonic()
        if self.folder is None:
            return
        arrays = self.trainer.adam.arrays()
        if self.best is not None:
            arrays |= {f"{_BEST}{name}": array for name, array in self.best.to_arrays().items()}
        write_checkpoint(self.folder, self.name, Checkpoint(arrays, self.epochs, self.steps, self.curve))

    def _go_on(self) -> None:
        """Take up what a former run of the same name left."""
        found = read_checkpoint(self.folder, self.name) if self.folder is not None else None
        if found is None:
            return
        self.trainer.adam.restore(found.arrays)
        self.epochs, self.steps, self.curve = found.epochs, found.steps, found.curve
        best = {name.removeprefix(_BEST): array for name, array in found.arrays.items() if name.startswith(_BEST)}
        if best:
            self.best = SequenceModel.from_arrays(asdict(self.lesson.settings), best)
        self.say(f"sequence: going on after epoch {self.epochs}")


def _held_out(interactions: Interactions, seed: int) -> HeldOut | None:
    """Return each user's last liking, of as many users as judge well; None where they are too few to judge by."""
    held = hold_out(interactions, seed)
    if len(held.targets) < LEAST_JUDGED or not (held.before.weights > 0).any():
        return None
    if len(held.targets) <= MOST_JUDGED:
        return held
    chosen = np.sort(np.random.default_rng(seed).choice(len(held.targets), MOST_JUDGED, replace=False))
    return replace(held, users=held.users[chosen], targets=held.targets[chosen], histories=held.histories.take(chosen))


def _check(
    interactions: Interactions, vectors: Floats, settings: SequenceSettings, start: SequenceModel | None
) -> None:
    if not (interactions.weights > 0).any():
        raise ValueError("interactions hold no liking (no weight above 0); expected at least one to learn from")
    for name, count in (("vectors", len(vectors)), ("start", None if start is None else len(start))):
        if count is not None and count != interactions.item_count:
            raise ValueError(f"{name} has {count} rows; expected one for each of {interactions.item_count} items")
    if start is not None and start.settings != settings:
        raise ValueError("start is a model of other settings; expected one of the settings to go on with")
