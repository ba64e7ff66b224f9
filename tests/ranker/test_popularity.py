"""Popularity by hand."""

import numpy as np
import pytest

from ranker.popularity import HALF_LIFE, popularity
from tests.ranker.logs import log


def test_likings_count_and_dislikes_do_not() -> None:
    found = popularity(log((0, 0, 0.0, 1.0), (1, 0, 0.0, 0.2), (0, 1, 0.0, -1.0), (1, 2, 0.0, 0.0), items=4))
    assert found == pytest.approx([np.log(3.0), 0.0, 0.0, 0.0])


def test_half_of_a_liking_fades() -> None:
    found = popularity(log((0, 0, 0.0, 1.0), (0, 1, HALF_LIFE, 1.0)))
    assert found == pytest.approx(np.log1p([0.75, 1.0]))


def test_an_empty_log() -> None:
    assert popularity(log(items=3)).tolist() == [0.0, 0.0, 0.0]
