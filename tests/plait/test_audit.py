"""Audit: lines of many processes, whole and none lost; files that grow full; ids that are in none."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plait import audit
from plait.audit import FILE, full_files, hashed, lines, note
from plait.workspace import Workspace
from tests.plait.conftest import Cli

WRITER = """
import sys
from pathlib import Path
from plait import audit
audit.KEPT = 1_000
folder, writer, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for number in range(count):
    audit.note(folder, "test", most=20_000, writer=writer, number=number, text="x" * (number % 300))
"""


def test_processes_lose_no_line(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda writer: subprocess.run([*command, str(writer), "400"], check=True), range(4)))
    found = [(line["writer"], line["number"]) for line in lines(tmp_path)]
    assert sorted(found) == [(writer, number) for writer in range(4) for number in range(400)]
    for writer in range(4):
        mine = [number for one, number in found if one == writer]
        assert mine == sorted(mine), "the oldest first"
    assert len(full_files(tmp_path)) > 5
    assert all(path.stat().st_size < 21_000 for path in tmp_path.iterdir())


def test_full_files_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "KEPT", 2)
    for number in range(50):
        note(tmp_path, "test", most=200, number=number)
    assert len(full_files(tmp_path)) == 2
    numbers = [line["number"] for line in lines(tmp_path)]
    assert numbers == list(range(50 - len(numbers), 50))


def test_a_line_that_was_cut_off_stops_nothing(tmp_path: Path) -> None:
    note(tmp_path, "first")
    with (tmp_path / FILE).open("ab") as stream:
        stream.write(b'{"at": 1, "wha\n')
    note(tmp_path, "second", text="\ud800")
    assert [line["what"] for line in lines(tmp_path)] == ["first", "second"]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_off_takes_no_other_with_it(tmp_path: Path) -> None:
    note(tmp_path, "first")
    for end in (b'{"at": 1, "what": "hal', b'{"at": 1, "what": "ganz \xc3', b"12"):
        with (tmp_path / FILE).open("ab") as stream:
            stream.write(end)
        note(tmp_path, "next")
    assert [line["what"] for line in lines(tmp_path)] == ["first", *["next"] * 3]
    # One that is cut off in the end is passed over too.
    with (tmp_path / FILE).open("ab") as stream:
        stream.write(b'{"at"')
    assert len(list(lines(tmp_path))) == 4


def test_a_disk_that_takes_half_a_line_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(tmp_path, "first")
    with monkeypatch.context() as full:
        write = os.write
        full.setattr(os, "write", lambda handle, data: write(handle, data[: len(data) // 2]))
        with pytest.raises(OSError, match="No space left"):
            note(tmp_path, "second")
    note(tmp_path, "third")
    assert [line["what"] for line in lines(tmp_path)] == ["first", "third"]


def test_keys_are_audited_and_shown(own: Path, cli: Cli) -> None:
    # A copy of what services of other tests have answered from.
    (own / FILE).unlink(missing_ok=True)
    made = json.loads(cli("keys", own, "add", "shop", "--scope", "write", "--json").out)["key"]
    cli("keys", own, "remove", "shop")
    store = Workspace.open(own).store
    about: dict[str, Any] = {"user": hashed(store, "anna"), "from": hashed(store, "visitor")}
    note(own, "POST /v1/users/{user_id}/merge", **about)
    assert hashed(store, "anna") == hashed(store, "anna") != hashed(store, "visitor")
    told = json.loads(cli("audit", own, "--json").out)["audit"]
    assert [line["what"] for line in told] == ["plait keys add", "plait keys remove", "POST /v1/users/{user_id}/merge"]
    assert (told[0]["key"], told[0]["scope"]) == ("shop", "write")
    assert made[6:] not in (own / FILE).read_text()
    for name, count in (("anna", 1), ("visitor", 1), ("bert", 0)):
        assert len(json.loads(cli("audit", own, "--of", name, "--json").out)["audit"]) == count
    assert json.loads(cli("audit", own, "--since", "2999-01-01", "--json").out) == {"audit": []}
    assert "plait keys add" in cli("audit", own).out
    assert cli("audit", own, "--since", "soon").code == 2
