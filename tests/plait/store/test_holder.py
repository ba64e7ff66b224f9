"""Whether the process that holds something still runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plait.store import holder
from plait.store.holder import is_gone, this_process

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def named(*, pid: int | None = None, began: str | None = None, here: str | None = None) -> str:
    where, own_pid, own_began = this_process().rsplit(" ", 2)
    return f"{here or where} {pid or own_pid} {began or own_began}"


@needs_proc
def test_this_process_is_not_gone() -> None:
    assert this_process() == this_process()
    assert not is_gone(this_process())


@needs_proc
def test_a_child_is_there_until_it_ends_and_gone_before_it_is_waited_for() -> None:
    code = "from plait.store.holder import this_process as t; print(t(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        name = child.stdout.readline().strip()
        assert name != this_process()
        assert not is_gone(name)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(name)
    assert is_gone(name)


@needs_proc
def test_a_pid_that_was_given_to_another_process() -> None:
    assert is_gone(named(began="1"))


@needs_proc
def test_of_another_machine_or_container_nobody_can_tell() -> None:
    assert not is_gone(named(here="other-boot 1", began="1"))
    assert not is_gone("somewhere 12")
    assert not is_gone("")
    assert not is_gone("three odd words")


def test_without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(holder, "PROC", tmp_path)
    assert this_process().endswith(f" {os.getpid()}")
    assert not is_gone(this_process())
    assert not is_gone("boot 1 2 3")


def test_a_name_with_parentheses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "77"
    folder.mkdir()
    rest = " ".join(["S", *(str(n) for n in range(4, 22)), "4242", "23"])
    (folder / "stat").write_text(f"77 (a ) Z (b) {rest}\n")
    monkeypatch.setattr(holder, "PROC", tmp_path)
    assert holder._began(77) == "4242"
    (folder / "stat").write_text(f"77 (a) {rest.replace('S', 'Z', 1)}\n")
    assert holder._began(77) == ""
