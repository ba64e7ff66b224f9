"""Workers: several processes that answer, each begun again as soon as it dies, and replaced with none refused."""

import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import parent_process
from socket import socket

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.supervisors import Multiprocess


class Workers(Multiprocess):
    """The first ones begin with what the configuration names, those that come after them with `later`.

    SIGHUP replaces them, one after the other.
    """

    def __init__(self, config: Config, sockets: list[socket], later: Callable[[], ASGIApp]) -> None:
        super().__init__(config, sockets)
        self._later = later

    def init_processes(self) -> None:
        """Begin the first ones."""
        super().init_processes()
        self.config.app = self._later

    def keep_subprocess_alive(self) -> None:
        """Begin those again that have died, or do not answer."""
        for process in self.processes:
            # Only the worker keeps its end of the pipe: to wait for one that is killed meanwhile ends at once.
            process.child_conn.close()
        super().keep_subprocess_alive()


def end_with_parent() -> None:
    """Let this process stop when the one that began it is gone; without it nobody could tell it to."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
