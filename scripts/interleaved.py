"""Interleaved timing: what is compared runs in turn, so that what disturbs the machine disturbs all of it alike."""

import time
from collections.abc import Callable, Mapping

Times = Mapping[str, list[tuple[float, float]]]
"""By name the milliseconds of each round: of the thread on its processor, and on the wall."""


def interleaved(runs: Mapping[str, Callable[[int], object]], rounds: int) -> Times:
    """Time each run in each round, which it is told; each goes first equally often: who is first warms the cache."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    names = list(runs)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            wall, thread = time.perf_counter(), time.thread_time()
            runs[name](turn)
            times[name].append((1e3 * (time.thread_time() - thread), 1e3 * (time.perf_counter() - wall)))
    return times
