"""Early stopping: how many epochs a network learns is chosen on a validation split, as any setting is."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

import numpy as np

from plait.evaluation.measure import measure
from plait.evaluation.peers.peer import Fitted, Settings
from plait.evaluation.peers.tuning import CUT, TRIALS
from plait.evaluation.splits import Split

EPOCHS = "epochs"
"""The setting that says how many."""


class Learner(Protocol):
    """A peer that learns in epochs."""

    def epochs(self, split: Split, settings: Settings, *, seed: int) -> Iterator[Fitted]:
        """Yield the model after each epoch, without an end; the next epoch changes it."""


def after(learner: Learner, split: Split, settings: Settings, *, seed: int) -> Fitted:
    """Return the model after the chosen number of epochs, at least one."""
    epochs = max(int(settings[EPOCHS]), 1)
    return next(islice(learner.epochs(split, settings, seed=seed), epochs - 1, None))


def best_epochs(
    learner: Learner, trials: Sequence[Settings], validation: Split, *, seed: int, every: int, patience: int, most: int
) -> Settings:
    """Return the trial with the epochs that do best, the first of equal ones.

    NDCG@10 is measured after each `every` epochs; a trial ends after `patience` measurements in a row that are no
    better than its best, or after `most` epochs. Raises ValueError for more than TRIALS trials.
    """
    if len(trials) > TRIALS:
        raise ValueError(f"{len(trials)} settings; expected at most {TRIALS}, the same for every peer")
    found = [_stopped(learner, trial, validation, seed, every, patience, most) for trial in trials]
    place = int(np.argmax([gain for gain, _ in found]))
    return {**trials[place], EPOCHS: found[place][1]}


def _stopped(
    learner: Learner, trial: Settings, validation: Split, seed: int, every: int, patience: int, most: int
) -> tuple[float, int]:
    """Return the best NDCG@10 of a trial and after how many epochs it was reached."""
    best, epochs = -1.0, every
    for epoch, fitted in enumerate(islice(learner.epochs(validation, trial, seed=seed), most), start=1):
        if epoch % every:
            continue
        gain = float(np.nanmean(measure(fitted, validation, (CUT,)).values[f"ndcg@{CUT}"]))
        if gain > best:
            best, epochs = gain, epoch
        elif epoch - epochs >= patience * every:
            break
    return best, epochs
