"""What is spent: seconds and the peak of memory, of this piece of work and not of the one before."""

import sys
import time

import numpy as np
import pytest

from plait.evaluation.spent import CLEAR, Meter


def test_seconds_are_those_since_the_beginning() -> None:
    meter = Meter()
    time.sleep(0.02)
    assert 0.02 <= meter.read().seconds < 60


@pytest.mark.skipif(sys.platform != "linux" or not CLEAR.exists(), reason="needs Linux's clear_refs")
def test_the_peak_counts_what_was_given_back_meanwhile_and_not_before() -> None:
    base = Meter().read().peak_mb
    large = Meter()
    held = np.ones(100 * 2**17)
    del held
    assert large.read().peak_mb > base + 80
    assert Meter().read().peak_mb < base + 20
