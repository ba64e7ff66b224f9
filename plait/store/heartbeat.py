"""Heartbeat: a lease is renewed from a thread while a long piece of work goes on."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from plait.errors import BadData


@contextlib.contextmanager
def heartbeat(renew: Callable[[], bool], *, seconds: float) -> Iterator[None]:
    """Call `renew` every third of `seconds` while the block runs, until it says that the lease is lost."""
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(seconds / 3):
            # A disk that is full now may have room at the next beat; the fence tells the holder if it had not.
            with contextlib.suppress(BadData):
                if not renew():
                    return

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
