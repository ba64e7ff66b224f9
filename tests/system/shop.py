"""The example shop and the service that its pages report to, as real processes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plait.records import Event
from plait.store import Store
from scripts.served import free_port, served, set_service
from tests.system.commands import FROM_HERE
from tests.waiting import eventually

FOLDER = Path(__file__).parents[2] / "examples" / "shop"
RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from server import server
shop = server(sys.argv[2], int(sys.argv[3]))
print("open", flush=True)
shop.serve_forever()
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """Where its pages are, where they report to, and what was recorded there."""

    address: str
    plait: str
    workspace: Path

    def page(self, user_id: str, name: str = "", **asked: str) -> str:
        """Return the address of a page as a visitor asks for it."""
        told = "&".join(f"{key}={value}" for key, value in {"plait": self.plait, "user": user_id, **asked}.items())
        return f"{self.address}/{name}?{told}"

    def events(self, user_id: str, event: str = "") -> list[Event]:
        """Return what is recorded of a user, the oldest first."""
        with Store.open(self.workspace / "store.db") as store:
            found = [one for one in store.events_of(user_id) if event in ("", one.event)]
        return sorted(found, key=lambda one: one.timestamp)

    def until(self, user_id: str, count: int, event: str = "") -> list[Event]:
        """Wait until so many events of a user are recorded, and a little longer, in case there are more."""
        eventually(lambda: len(self.events(user_id, event)) >= count)
        time.sleep(1.5)
        return self.events(user_id, event)


@contextmanager
def opened(workspace: Path) -> Iterator[Shop]:
    """Open the shop before a service whose plait.toml names it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    set_service(workspace, f'collect_origins = ["{address}"]\ncollect_per_minute = 100000\nwarm = []')
    with served(workspace) as (_, plait):
        command = [sys.executable, "-c", RUN, str(FOLDER), plait, str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=FROM_HERE) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == "open\n"
                yield Shop(address, plait, workspace)
            finally:
                process.terminate()
