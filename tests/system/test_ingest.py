"""Batches of events in real processes: sent twice at once, and cut off by SIGKILL while threads share transactions."""

import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from plait.store import Store
from tests.system.commands import answer_of, start_script

pytestmark = pytest.mark.system

SENDER = """
import sys
from plait import Recommender
recommender = Recommender.open(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
accepted = 0
for batch in range(40):
    accepted += recommender.record([
        {"user_id": "sender", "item_id": "cooking-0", "event": "view", "timestamp": 1700000000 + event,
         "event_id": f"{batch}-{event}"} for event in range(10)]).accepted
print(accepted, flush=True)
"""
WRITERS = """
import sys, threading
from plait import Recommender
recommender, lock = Recommender.open(sys.argv[1]), threading.Lock()
def write(thread):
    for number in range(10**6):
        names = [f"{thread}-{number}-{event}" for event in range(5)]
        recommender.record([{"user_id": "writer", "item_id": "cooking-0", "event": "view",
                             "timestamp": 1700000000 + number, "event_id": name} for name in names])
        with lock:
            print(names[0], flush=True)
for thread in range(6):
    threading.Thread(target=write, args=(thread,)).start()
"""


def recorded(workspace: Path, user_id: str) -> Counter[str]:
    with Store.open(workspace / "store.db") as store:
        return Counter(one.event_id for batch in store.events() for one in batch if one.user_id == user_id)


def test_the_same_batches_sent_by_two_processes_at_once_count_once(workspace: Path, tmp_path: Path) -> None:
    script = tmp_path / "sender.py"
    script.write_text(SENDER, encoding="utf-8")
    senders = [start_script(script, workspace) for _ in range(2)]
    for sender in senders:
        assert sender.stdout
        assert sender.stdout.readline().strip() == "ready"
    accepted = [int(sender.communicate("go\n")[0]) for sender in senders]
    assert sum(accepted) == 400
    assert recorded(workspace, "sender") == Counter(f"{batch}-{event}" for batch in range(40) for event in range(10))


def test_batches_of_threads_survive_a_kill_whole(workspace: Path, tmp_path: Path) -> None:
    script = tmp_path / "writers.py"
    script.write_text(WRITERS, encoding="utf-8")
    process = start_script(script, workspace)
    assert process.stdout
    first = process.stdout.readline().strip()
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    # The last line may be cut off.
    lines = [first, *process.communicate()[0].split("\n")[:-1]]
    found = recorded(workspace, "writer")
    assert set(found.values()) == {1}
    assert set(lines) <= set(found)
    batches = Counter(name.rpartition("-")[0] for name in found)
    assert set(batches.values()) == {5}
    assert len(batches) - len(set(lines)) <= 6
    assert answer_of("check", workspace) == {"ok": True, "problems": []}
