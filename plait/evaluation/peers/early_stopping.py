"""Early stopping: how many epochs a network learns is chosen on a validation split, as any setting is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

import numpy as np

from plait.evaluation.peers.peer import Fitted, Settings
from plait.evaluation.peers.tuning import TRIALS, mean_gain
from plait.evaluation.splits import Split

EPOCHS = "epochs"
"""The setting that says how many."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The `trials` of a network, and when one stops: see `best_epochs`."""

    trials: Sequence[Settings]
    every: int
    patience: int
    most: int


class EpochLearner(ABC):
    """A peer that learns in epochs; how many is chosen as its `schedule` says."""

    __slots__ = ()
    schedule: ClassVar[Schedule]

    @abstractmethod
    def epochs(self, split: Split, settings: Settings, *, seed: int) -> Iterator[Fitted]:
        """Yield the model after each epoch, without an end; the next epoch changes it."""

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose among the trials, and the number of epochs."""
        return best_epochs(self, self.schedule, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> Fitted:
        """Learn for the chosen number of epochs."""
        return after(self, split, settings, seed=seed)


def after(learner: EpochLearner, split: Split, settings: Settings, *, seed: int) -> Fitted:
    """Return the model after the chosen number of epochs, at least one."""
    epochs = max(int(settings[EPOCHS]), 1)
    return next(islice(learner.epochs(split, settings, seed=seed), epochs - 1, None))


def best_epochs(learner: EpochLearner, schedule: Schedule, validation: Split, *, seed: int) -> Settings:
    """Return the trial with the epochs that do best, the first of equal ones.

    NDCG@10 is measured after each `every` epochs; a trial ends after `patience` measurements in a row that are no
    better than its best, or after `most` epochs. Raises ValueError for more than TRIALS trials.
    """
    if len(schedule.trials) > TRIALS:
        raise ValueError(f"{len(schedule.trials)} settings; expected at most {TRIALS}, the same for every peer")
    found = [_stopped(learner, trial, validation, seed, schedule) for trial in schedule.trials]
    place = int(np.argmax([gain for gain, _ in found]))
    return {**schedule.trials[place], EPOCHS: found[place][1]}


def _stopped(
    learner: EpochLearner, trial: Settings, validation: Split, seed: int, schedule: Schedule
) -> tuple[float, int]:
    """Return the best NDCG@10 of a trial and after how many epochs it was reached."""
    best, epochs = -1.0, schedule.every
    for epoch, fitted in enumerate(islice(learner.epochs(validation, trial, seed=seed), schedule.most), start=1):
        if epoch % schedule.every:
            continue
        gain = mean_gain(fitted, validation)
        if gain > best:
            best, epochs = gain, epoch
        elif epoch - epochs >= schedule.patience * schedule.every:
            break
    return best, epochs
