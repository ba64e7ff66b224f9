"""How older and disliked events fade."""

import numpy as np
import pytest

from ranker.recency import contact, decay, salience
from tests.ranker.logs import history, log


def test_an_entry_time_constant_places_back_counts_half() -> None:
    faded = decay(history(*[(item, 1.0) for item in range(5)]).recent(5), 4.0)
    assert faded[0] == pytest.approx([1.0, 0.8, 2 / 3, 4 / 7, 0.5])


def test_no_entry_counts_nothing() -> None:
    recent = log((0, 1, 0.0, 1.0), (1, 1, 0.0, 1.0), (1, 2, 1.0, 1.0)).histories().recent(9)
    assert decay(recent, 2.0)[0].tolist() == [1.0, 0.0]


def test_salience_by_hand() -> None:
    recent = history((3, -2.0), (2, -1.0), (-1, 1.0), (1, 0.0), (0, 1.0)).recent(5)
    assert salience(recent, 1.0)[0] == pytest.approx([2.0, 0.5, 0.0, 0.0, 0.0])


def test_contact_counts_all_but_strong_dislikes() -> None:
    recent = history((3, -2.0), (2, -1.0), (-1, 1.0), (1, -0.5), (0, 1.0)).recent(5)
    assert contact(recent, 1.0)[0] == pytest.approx([1.0, 0.5, 0.0, 0.0, 0.0])


def test_salience_never_falls_below_zero() -> None:
    weights = np.linspace(-5, 5, 21)
    recent = history(*[(0, float(weight)) for weight in weights]).recent(30)
    assert (salience(recent, 3.0) >= 0).all()
