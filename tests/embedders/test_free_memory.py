"""What is freed goes back to the system, and where that cannot be done nothing happens."""

import ctypes
import sys

import numpy as np
import pytest

from embedders import free_memory
from embedders.free_memory import give_back


def resident_mb() -> float:
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_scattered_blocks_are_given_back() -> None:
    if free_memory._trim() is None:
        pytest.skip("the C library is not glibc")
    # Small enough to come from the heap, and every other one is kept, so that the heap cannot shrink from its end.
    blocks = [np.ones(12_000, dtype=np.uint8) for _ in range(16_000)]
    kept = blocks[::2]
    del blocks
    before = resident_mb()
    give_back()
    assert before - resident_mb() > 30
    assert len(kept) == 8_000


def test_a_c_library_without_it_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare:
        def __init__(self, name: str | None) -> None:
            pass

    free_memory._trim.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", Bare)
    give_back()
    free_memory._trim.cache_clear()
