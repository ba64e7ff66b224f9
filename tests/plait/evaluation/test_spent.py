"""What is spent: seconds and the peak of memory, of this piece of work and not of the one before."""

import json
import subprocess
import sys
import time

import pytest

from plait.evaluation.spent import CLEAR, Meter

# An anonymous map, because an allocation may be laid where the heap still holds what was freed before.
PEAKS = """
import json, mmap
from plait.evaluation.spent import Meter

before = Meter().read().peak_mb
meter = Meter()
with mmap.mmap(-1, 100 * 2**20) as held:
    for _ in range(100):
        held.write(bytes(2**20))
print(json.dumps([before, meter.read().peak_mb, Meter().read().peak_mb]))
"""


def test_seconds_are_those_since_the_beginning() -> None:
    meter = Meter()
    time.sleep(0.02)
    assert 0.02 <= meter.read().seconds < 60


@pytest.mark.skipif(sys.platform != "linux" or not CLEAR.exists(), reason="needs Linux's clear_refs")
def test_the_peak_counts_what_was_given_back_meanwhile_and_not_before() -> None:
    """In a process of its own, where nothing else takes or gives back memory."""
    done = subprocess.run([sys.executable, "-c", PEAKS], capture_output=True, text=True, check=True)
    before, meanwhile, after = json.loads(done.stdout)
    assert meanwhile > before + 80
    assert after < before + 20
