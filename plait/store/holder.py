"""Holder: what names the process that holds a lease, so that others can tell when it is gone."""

import os
import socket
from pathlib import Path

PROC = Path("/proc")


def this_process() -> str:
    """Return the name of this process: machine start and pid namespace, pid, and when it began.

    Where there is no /proc it is the host and the pid, of which nobody can say that they are gone.
    """
    pid = os.getpid()
    here, began = _here(), _began(pid)
    return f"{here} {pid} {began}" if here and began else f"{socket.gethostname()} {pid}"


def is_gone(name: str) -> bool:
    """Whether a named process surely runs no more; False where that cannot be told from here."""
    parts = name.rsplit(" ", 2)
    if len(parts) != 3 or not _here() or parts[0] != _here():
        return False
    return _began(int(parts[1])) != parts[2]


def _here() -> str:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _began(pid: int) -> str:
    """Return the start of a running process in clock ticks since the machine's, "" for one that has ended."""
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name in parentheses may hold anything, parentheses too; proc(5) counts on from behind it: state is 3rd.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]
