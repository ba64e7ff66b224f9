"""Any worker's /metrics tells the sum over all; what a worker that died said of itself is gone."""

import os
import signal
import urllib.request
from pathlib import Path

import pytest

from scripts.served import served, workers_of
from tests.plait.service.test_metrics import Samples, samples_of, value
from tests.system.service_clients import asked
from tests.waiting import eventually

pytestmark = pytest.mark.system
SENT = 40


def metrics_of(address: str) -> Samples:
    with urllib.request.urlopen(f"{address}/metrics", timeout=60) as answer:
        return samples_of(answer.read().decode())


def folders(temporary: Path) -> list[Path]:
    return list(temporary.glob("plait-metrics-*"))


def test_workers_are_told_together(workspace: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {"TMPDIR": str(temporary)}
    with served(workspace, "--workers", "2", log=tmp_path / "log", environment=environment) as (process, address):
        eventually(lambda: value(metrics_of(address), "plait_workers") == 2)
        for number in range(SENT):
            event = {"user_id": "anna", "item_id": "space-1", "event": "view", "event_id": f"e{number}"}
            assert asked(f"{address}/v1/events", {"events": [event]})["accepted"] == 1
        eventually(lambda: len(counting(temporary)) == 2)
        # A request is counted once its answer is sent, so its sender may be a moment ahead.
        route = {"method": "POST", "route": "/v1/events", "status": "200"}
        eventually(lambda: value(metrics_of(address), "plait_requests_total", **route) == SENT)
        # Whichever worker is asked says the same.
        for _ in range(8):
            found = metrics_of(address)
            assert value(found, "plait_events_total", outcome="accepted") == SENT
            assert value(found, "plait_events_received_total", event="view") == SENT
            assert value(found, "plait_requests_total", **route) == SENT
            assert value(found, "plait_lane_requests", lane="writes") == 0
        died = workers_of(process.pid)[0]
        os.kill(died, signal.SIGKILL)
        eventually(lambda: len(set(workers_of(process.pid)) - {died}) == 2)
        (folder,) = folders(temporary)
        # What is of a process that is gone is taken out when metrics are asked for; a killed one may take a moment.
        eventually(
            lambda: value(metrics_of(address), "plait_workers") == 2 and not list(folder.glob(f"gauge_live*_{died}.db"))
        )
        assert value(metrics_of(address), "plait_events_total", outcome="accepted") == SENT
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert folders(temporary) == []


def counting(temporary: Path) -> set[str]:
    """Return the numbers of the processes that have counted something."""
    return {path.stem.rpartition("_")[2] for folder in folders(temporary) for path in folder.glob("counter_*.db")}
