"""A lesson reads sequences without what is held out and comes to rest where it will go on, in the time there is."""

import time
from dataclasses import replace

import numpy as np
import pytest

from ranker import lesson as module
from ranker.fit_sequence import SequenceFit, affordable, fit_sequence
from ranker.learning_clock import Clock
from ranker.lesson import Lesson
from ranker.new_users import no_users
from ranker.rank import RankerSettings
from tests.ranker.logs import parity_features, random_log
from tests.ranker.sequences import SMALL, vectors_of

LOG, VECTORS = random_log(60, 15, 700), vectors_of(15)
LESSON = Lesson(
    parity_features(15), VECTORS, no_users(60), RankerSettings(), 4, Clock.until(None, lambda _: None), None
)


def _same(one: SequenceFit, two: SequenceFit) -> bool:
    mine, other = one.model.to_arrays(), two.model.to_arrays()
    return all(np.array_equal(array, other[name]) for name, array in mine.items())


@pytest.mark.parametrize("goes_on", [0.0, 0.5])
def test_what_goes_on_is_weighed_at_rest(goes_on: float, monkeypatch: pytest.MonkeyPatch) -> None:
    how = replace(SMALL, most_epochs=4, patience=2, goes_on=goes_on)
    monkeypatch.setattr(module, "usual_settings", lambda interactions: how)
    found = LESSON.read(LOG, None)
    plain = fit_sequence(LOG, VECTORS, settings=how, seed=4)
    assert (found.best, found.curve) == (plain.best, plain.curve)
    assert _same(found, plain) is (goes_on == 0.0)
    if goes_on:
        rested = fit_sequence(LOG, VECTORS, settings=how, seed=4, epochs=how.further(plain.best), start=plain.model)
        assert _same(found, rested)
    assert found.model.settings == how


def test_the_best_epochs_are_best_again(monkeypatch: pytest.MonkeyPatch) -> None:
    how = replace(SMALL, most_epochs=8, patience=3, goes_on=0.5)
    monkeypatch.setattr(module, "usual_settings", lambda interactions: how)
    found = LESSON.read(LOG, None)
    again = LESSON.read(LOG, None, epochs=found.best)
    assert again.best == again.epochs == found.best
    assert _same(found, again)


def test_without_time_nothing_comes_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "usual_settings", lambda interactions: replace(SMALL, goes_on=0.5))
    began = time.monotonic()
    found = LESSON.read(LOG, began - 1.0)
    assert (found.epochs, found.complete) == (0, False)
    assert np.isfinite(found.model.item_factors).all()


@pytest.mark.parametrize(("left", "pace", "most"), [(None, 9.0, 5), (100.0, 0.0, 5), (39.0, 10.0, 3), (1.0, 10.0, 0)])
def test_only_so_many_epochs_are_begun_as_there_is_time_for(left: float | None, pace: float, most: int) -> None:
    fit = replace(fit_sequence(LOG, VECTORS, settings=SMALL, epochs=1), pace=pace)
    assert affordable(fit, 5, None if left is None else time.monotonic() + left) == most
