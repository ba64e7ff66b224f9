"""Decoders: processes with real faults; each costs the one medium, and the next is decoded."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from embedders.decoding_process import NO_NETWORK, Bounds
from embedders.items import Strand
from embedders.media import DEFAULT_LIMITS, MediaError, read_image
from plait import Recommender
from plait.errors import BadData
from plait.service import decoders as module
from plait.service.app import create_app
from plait.service.decoders import Decoders
from scripts.served import children_of
from tests.plait.service import faulty_decoder
from tests.waiting import eventually

BOUNDS = Bounds(DEFAULT_LIMITS, seconds=5, bytes=20_000_000)
ENDING = {
    "segfault": "the decoder ended", "abort": "the decoder ended", "spin": "the decoder ",
    "sleep": "took longer than 5 s", "nonsense": "makes no sense",
}  # fmt: skip
REFUSED = {
    "memory": "takes too much memory", "disk": "File too large", "files": "Too many open files",
    "lies": "bytes; expected",
}  # fmt: skip


@pytest.fixture
def faulty() -> Iterator[Decoders]:
    """Return two processes with faults."""
    found = Decoders(2, BOUNDS, faulty_decoder.PROGRAM)
    yield found
    found.close()


def medium(folder: Path, content: bytes) -> Path:
    """Write a medium."""
    path = folder / "image"
    path.write_bytes(content)
    return path


def picture(folder: Path) -> Path:
    """Write a small picture."""
    path = folder / "good.png"
    Image.linear_gradient("L").convert("RGB").resize((50, 31)).save(path)
    return path


@pytest.mark.parametrize("fault", [*ENDING, *REFUSED])
def test_a_fault_costs_one_medium(faulty: Decoders, tmp_path: Path, fault: str) -> None:
    with pytest.raises(MediaError) as refused:
        faulty.decoded(medium(tmp_path, fault.encode()), Strand.IMAGE)
    assert str(refused.value).startswith("image")
    assert {**ENDING, **REFUSED}[fault] in str(refused.value)
    assert "\n" not in str(refused.value)
    good = picture(tmp_path)
    raw = faulty.decoded(good, Strand.IMAGE)
    assert read_image(str(raw)).tobytes() == read_image(str(good)).tobytes()
    assert raw.read_bytes()[:2] == b"BM"


def test_one_that_fails_is_replaced_and_leaves_nothing(faulty: Decoders, tmp_path: Path) -> None:
    faulty.begin()
    before = faulty.process_ids
    assert len(before) == 2
    for _ in range(3):
        with pytest.raises(MediaError):
            faulty.decoded(medium(tmp_path, b"segfault"), Strand.IMAGE)
    after = faulty.process_ids
    assert len(after) == 2
    assert children_of(os.getpid()) >= set(after)
    assert not children_of(os.getpid()) & (set(before) - set(after)), "a zombie is a child, too"
    faulty.close()
    assert not children_of(os.getpid()) & {*before, *after}


def test_after_its_jobs_another_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_JOBS", 2)
    decoders = Decoders(1, BOUNDS)
    good, numbers = picture(tmp_path), []
    for _ in range(4):
        decoders.decoded(good, Strand.IMAGE)
        numbers.append(decoders.process_ids)
    assert numbers[0] != numbers[1] == numbers[2] != numbers[3]
    decoders.close()
    with pytest.raises(BadData, match="no process that decodes"):
        decoders.decoded(good, Strand.IMAGE)


def test_one_that_was_killed_meanwhile_costs_nothing(tmp_path: Path) -> None:
    decoders = Decoders(1, BOUNDS)
    decoders.begin()
    os.kill(decoders.process_ids[0], 9)
    while decoders._free[0] is not None and not decoders._free[0].ended:
        time.sleep(0.01)
    assert decoders.decoded(picture(tmp_path), Strand.IMAGE).exists()
    decoders.close()


def test_a_program_that_never_begins_is_no_fault_of_the_medium(tmp_path: Path) -> None:
    decoders = Decoders(1, BOUNDS, (sys.executable, "-c", "raise SystemExit(1)"))
    for _ in range(2):
        with pytest.raises(BadData, match="ended before it began"):
            decoders.decoded(picture(tmp_path), Strand.IMAGE)
    decoders.close()
    none = Decoders(1, BOUNDS, (str(tmp_path / "nothing"),))
    with pytest.raises(BadData, match="no process"):
        none.decoded(picture(tmp_path), Strand.IMAGE)


def test_it_holds_no_secret_and_nothing_heavy(tmp_path: Path) -> None:
    program = "import sys, embedders.decoding_process as d; d._load(); print('torch' in sys.modules, len(sys.modules))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert told[0] == "False"
    os.environ["PLAIT_SECRET"] = "x"
    decoders = Decoders(1, BOUNDS)
    try:
        decoders.decoded(picture(tmp_path), Strand.IMAGE)
        environment = Path(f"/proc/{decoders.process_ids[0]}/environ").read_bytes()
        assert b"PYTHONPATH" in environment
        assert b"PLAIT_SECRET" not in environment
    finally:
        del os.environ["PLAIT_SECRET"]
        decoders.close()


def test_it_ends_with_who_began_it(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom embedders.decoding_process import Bounds\nfrom embedders.media import DEFAULT_LIMITS\n"
        "from plait.service.decoders import Decoders\nd = Decoders(2, Bounds(DEFAULT_LIMITS))\nd.begin()\n"
        "print(*d.process_ids, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        begun = [int(number) for number in owner.stdout.readline().split()]
        assert len(begun) == 2
        owner.kill()
    eventually(lambda: not any(runs(number) for number in begun))


def test_it_reaches_no_network(faulty: Decoders, tmp_path: Path) -> None:
    leaves = f"import ctypes; raise SystemExit(ctypes.CDLL(None).unshare({NO_NETWORK}) != 0)"
    if subprocess.run([sys.executable, "-c", leaves], check=False).returncode:
        pytest.skip("this system lets no process leave the network")
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(MediaError, match="unreachable"):
        faulty.decoded(medium(tmp_path, b"network\n%d" % server.getsockname()[1]), Strand.IMAGE)


def test_threads_share_them(tmp_path: Path) -> None:
    decoders = Decoders(2, BOUNDS)
    expected = read_image(str(picture(tmp_path))).tobytes()

    def decoded(number: int) -> bool:
        folder = tmp_path / str(number)
        folder.mkdir()
        if number % 3 == 0:
            with pytest.raises(MediaError):
                decoders.decoded(medium(folder, b"none"), Strand.IMAGE)
        return read_image(str(decoders.decoded(picture(folder), Strand.IMAGE))).tobytes() == expected

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(decoded, range(40)))
    assert len(decoders.process_ids) == 2
    decoders.close()


def test_the_service_goes_on(built_once: Path, tmp_path: Path) -> None:
    app = create_app(Recommender.open(built_once))
    faulty = Decoders(2, BOUNDS, faulty_decoder.PROGRAM)
    app.state.serving = replace(app.state.serving, decoders=faulty)
    statuses = []

    def words(client: TestClient, done: threading.Event) -> None:
        while not done.is_set():
            statuses.append(client.post("/v1/search", json={"text": "a boat", "weights": {"lexical": 1}}).status_code)

    with TestClient(app, raise_server_exceptions=False) as client:
        done = threading.Event()
        beside = threading.Thread(target=words, args=(client, done))
        beside.start()
        for route, name in (("/v1/search", "image"), ("/v1/cold-start", "audio")):
            for fault in (*ENDING, "memory", "disk"):
                answer = client.post(route, files={name: ("a", fault.encode())})
                assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_medium"), fault
                assert answer.json()["error"]["message"].startswith(f"{name} ")
        good = client.post("/v1/search", files={"image": ("a.png", picture(tmp_path).read_bytes())})
        assert good.status_code == 200
        done.set()
        beside.join()
    assert set(statuses) == {200}
    faulty.close()


def runs(number: int) -> bool:
    """Return whether a process does something still."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
