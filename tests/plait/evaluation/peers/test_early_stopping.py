"""Early stopping on a learner whose gain after each epoch is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from plait.evaluation.peers.early_stopping import EpochLearner, Schedule, after, best_epochs
from plait.evaluation.peers.peer import Settings
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from ranker.interactions import Floats, Histories
from tests.plait.evaluation.logs import checkerboard


@dataclass(frozen=True)
class Knowing:
    """Knows the targets of the first `known` users, and of nobody else."""

    split: Split
    known: int

    def scores(self, histories: Histories) -> Floats:
        scores = np.zeros((len(histories), 16), dtype=np.float32)
        rows = np.arange(min(self.known, len(histories)))
        scores[rows, self.split.targets[rows]] = 1.0
        wrong = np.arange(len(rows), len(histories))
        scores[wrong, self.split.targets[wrong]] = -1.0
        return scores


@dataclass
class Scripted(EpochLearner):
    """After epoch e of trial t it knows `script[t][e - 1]` targets."""

    script: Sequence[Sequence[int]]
    seen: list[tuple[int, int]] = field(default_factory=list)

    def epochs(self, split: Split, settings: Settings, *, seed: int) -> Iterator[Knowing]:
        trial = int(settings["trial"])
        for epoch, known in enumerate(self.script[trial], start=1):
            self.seen.append((trial, epoch))
            yield Knowing(split, known)


def choose(script: Sequence[Sequence[int]], *, every: int = 1, patience: int = 2, most: int = 99) -> Settings:
    trials: list[Settings] = [{"trial": float(row)} for row in range(len(script))]
    split = last_liked(checkerboard(), 0)
    return best_epochs(Scripted(script), Schedule(trials, every, patience, most), split, seed=0)


def test_the_best_epoch_of_the_best_trial_is_chosen() -> None:
    assert choose([[1, 3, 2, 2], [1, 2, 5, 4, 4]]) == {"trial": 1.0, "epochs": 3}


def test_the_first_of_equal_ones_is_chosen() -> None:
    assert choose([[2, 2, 2], [2, 2, 2]]) == {"trial": 0.0, "epochs": 1}


def test_what_comes_after_patience_is_not_learnt() -> None:
    assert choose([[3, 2, 1, 9]]) == {"trial": 0.0, "epochs": 1}
    assert choose([[3, 2, 1, 9]], patience=3) == {"trial": 0.0, "epochs": 4}


def test_only_each_so_manieth_is_measured() -> None:
    assert choose([[9, 1, 9, 2, 9, 1]], every=2) == {"trial": 0.0, "epochs": 4}


def test_no_more_than_the_most_is_learnt() -> None:
    learner = Scripted([list(range(1, 20))])
    split = last_liked(checkerboard(), 0)
    chosen = best_epochs(learner, Schedule([{"trial": 0.0}], 1, 2, 5), split, seed=0)
    assert chosen["epochs"] == 5
    assert learner.seen[-1] == (0, 5)


def test_nobody_to_be_judged_on_is_the_first_measurement_of_the_first_trial() -> None:
    nobody = last_liked(checkerboard(), 0).without_targets()
    learner = Scripted([[1, 2, 3], [4, 5, 6]])
    trials: list[Settings] = [{"trial": 0.0}, {"trial": 1.0}]
    assert best_epochs(learner, Schedule(trials, 1, 2, 9), nobody, seed=0) == {"trial": 0.0, "epochs": 1}


def test_after_learns_so_many_epochs() -> None:
    learner = Scripted([[1, 2, 3, 4]])
    fitted = after(learner, last_liked(checkerboard(), 0), {"trial": 0.0, "epochs": 3.0}, seed=0)
    assert isinstance(fitted, Knowing)
    assert fitted.known == 3
    assert learner.seen == [(0, 1), (0, 2), (0, 3)]


def test_too_many_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="13 settings; expected at most 12"):
        choose([[1]] * 13)
