"""Waiting for what another thread or process is about to do."""

import time
from collections.abc import Callable


def eventually(
    holds: Callable[[], bool], *, seconds: float = 60, pause: float = 0.05, told: Callable[[], object] = lambda: ""
) -> None:
    """Wait until something holds, or fail with what `told` tells then."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"it did not come about in {seconds} s: {told()}"
        time.sleep(pause)
