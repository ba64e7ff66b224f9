"""The service under load, killed by SIGKILL, restarted and given other models: what it acknowledged is there, once."""

import json
import os
import random
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from plait.audit import lines
from plait.store import Store
from scripts.served import free_port, served, set_service, workers_of
from tests.plait import toy
from tests.system.commands import answer_of, run_plait
from tests.system.service_clients import Clients, ask_for_all, clients_of, record_for_sure, record_once
from tests.waiting import eventually

pytestmark = pytest.mark.system
KILLS = 20


@pytest.fixture
def port() -> int:
    """Return a port that is free; a service that is begun again takes the same."""
    return free_port()


@pytest.fixture
def light(workspace: Path) -> Path:
    """Return a workspace whose service loads no encoder before it is ready."""
    set_service(workspace, "warm = []")
    return workspace


def stored_once(folder: Path, clients: Clients) -> None:
    """Check that what was acknowledged is in the store, once, and that the workspace is whole."""
    with Store.open(folder / "store.db") as store:
        found = [event.event_id for number in range(6) for event in store.events_of(f"user-{number}")]
    stored = [event_id for event_id in found if event_id]
    assert len(stored) == len(set(stored))
    assert set(clients.acknowledged) <= set(stored)
    assert answer_of("check", folder) == {"ok": True, "problems": []}
    assert answer_of("recommend", folder, "--user", "user-0")["items"]


def begun_again(parent: int, gone: int) -> None:
    """Wait until there are two workers without one that was killed."""
    eventually(lambda: len(now := workers_of(parent)) >= 2 and gone not in now)


def replaced(parent: int, former: list[int]) -> None:
    """Wait until no worker is one of the former."""
    eventually(lambda: not set(workers_of(parent)) & set(former), seconds=120)


def test_killed_at_any_moment_it_loses_and_doubles_nothing(light: Path, tmp_path: Path, port: int) -> None:
    rng, options = random.Random(0), ("--workers", "2", "--port", str(port))
    with ExitStack() as stack:
        process, address = stack.enter_context(served(light, *options, log=tmp_path / "log"))
        clients = stack.enter_context(clients_of(address, record_for_sure))
        for kill in range(KILLS):
            clients.wait_for(30)
            time.sleep(rng.uniform(0.0, 0.5))
            if kill % 2:
                former = workers_of(process.pid)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(60)
                # Until then one of them may hold the port.
                while any(Path(f"/proc/{one}").exists() for one in former):
                    time.sleep(0.05)
                process, _ = stack.enter_context(served(light, *options, log=tmp_path / "log"))
            else:
                gone = rng.choice(workers_of(process.pid))
                os.kill(gone, signal.SIGKILL)
                begun_again(process.pid, gone)
        clients.wait_for(30)
        clients.stop()
    assert not clients.failures
    assert clients.lost >= KILLS // 2, "nobody was under way when it was killed"
    assert len(clients.acknowledged) == len(set(clients.acknowledged))
    stored_once(light, clients)


@pytest.mark.parametrize("workers", [1, 2])
def test_told_to_stop_it_loses_nothing(light: Path, tmp_path: Path, port: int, workers: int) -> None:
    options = "--workers", str(workers), "--port", str(port)
    with (
        served(light, *options, log=tmp_path / "log") as (process, address),
        clients_of(address, record_once) as clients,
    ):
        clients.wait_for(100)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert clients.failures == []
    stored_once(light, clients)
    written = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert any(line["event"] == "request" and line["route"] == "/v1/events" for line in written)


def test_what_was_answered_is_in_the_audit_of_a_killed_service(light: Path) -> None:
    with served(light, "--workers", "2") as (process, address), clients_of(address, record_once) as clients:
        clients.wait_for(100)
        for number in (*workers_of(process.pid), process.pid):
            os.kill(number, signal.SIGKILL)
    noted = [line for line in lines(light) if (line["what"], line["status"]) == ("POST /v1/events", 200)]
    assert sum(line["events"] for line in noted) >= len(clients.acknowledged) > 0
    assert len({line["request_id"] for line in noted}) == len(noted)


def test_other_models_another_index_and_other_workers_fail_no_request(light: Path, tmp_path: Path, port: int) -> None:
    items = toy.write_table(
        tmp_path / "more.csv", [{**row, "item_id": f"more-{row['item_id']}"} for row in toy.items()]
    )
    with ExitStack() as stack:
        options = "--workers", "2", "--port", str(port)
        process, address = stack.enter_context(served(light, *options, log=tmp_path / "log"))
        clients = stack.enter_context(clients_of(address, ask_for_all))
        clients.wait_for(100)
        before = answer_of("status", light)
        for command in (["train", "--budget", "5s"], ["build", "--items", str(items)], ["models", "rollback"]):
            assert run_plait(command[0], light, *command[1:]).returncode == 0
            clients.wait_for(100)
        assert answer_of("status", light)["items"] == 2 * before["items"]
        for _ in range(2):
            former = workers_of(process.pid)
            process.send_signal(signal.SIGHUP)
            for gone in former:
                begun_again(process.pid, gone)
            replaced(process.pid, former)
            clients.wait_for(100)
        clients.stop()
    assert clients.failures == []
    stored_once(light, clients)


def test_workers_do_not_outlive_who_began_them(light: Path, port: int) -> None:
    with served(light, "--workers", "2", "--port", str(port)) as (process, _):
        workers = workers_of(process.pid)
        process.kill()
        process.wait(60)
        eventually(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    with served(light, "--port", str(port)) as (_, address):
        assert address.endswith(f":{port}")
