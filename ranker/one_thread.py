"""One thread: sums in one order whatever the machine, and no threads that wait for one another on a busy one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS, OpenMP and torch, where it is loaded, to one thread; afterwards they have as many as before.

    The order of sums, and so the last bits, must not depend on the machine; and small products gain nothing by threads,
    but lose much where other work keeps one of them waiting.
    """
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch is not None else 0
    with threadpool_limits(1):
        if torch is not None:
            torch.set_num_threads(1)
        try:
            yield
        finally:
            if torch is not None:
                torch.set_num_threads(threads)
