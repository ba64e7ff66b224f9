"""A service for a measurement: `plait serve` over a workspace as real processes, and what they take of the machine."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

CLOCK = os.sysconf("SC_CLK_TCK")


def set_service(folder: Path, settings: str) -> None:
    """Let lines stand first in `[service]` of a workspace's plait.toml."""
    path = folder / "plait.toml"
    before = path.read_text(encoding="utf-8")
    after = before.replace("\n[service]", f"\n[service]\n{settings}", 1)
    if after == before:
        raise ValueError(f"{path} has no section [service]; expected one to write settings to")
    path.write_text(after, encoding="utf-8")


def free_port() -> int:
    """Return a port that nothing listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(
    folder: Path, *options: str, log: Path | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Serve a workspace on a free port in a process group of its own; give the first process and the address."""
    command = [sys.executable, "-m", "scripts.serve", str(folder), "--port", "0", *options]
    with (log or Path(os.devnull)).open("w") as errors, subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True,
        env={**os.environ, **(environment or {})},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if " is served at http://" not in line:
                said = log.read_text(encoding="utf-8")[-2_000:] if log else "no log was asked for"
                raise RuntimeError(f"the service did not begin: {said}")
            yield process, line.rsplit(" ", 1)[1].strip()
            process.terminate()
            process.wait(60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def workers_of(parent: int) -> list[int]:
    """Return the ids of the processes that answer: the children that serve, or the one process itself."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, IndexError):
            words = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            if int(words[1]) == parent and words[0] != "Z" and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return sorted(found) or [parent]


def children_of(parent: int) -> set[int]:
    """Return the processes that one has begun, those that ended and were not waited for too."""
    found = set[int]()
    for task in Path(f"/proc/{parent}/task").iterdir():
        with suppress(OSError):  # a thread that has ended meanwhile
            found |= {int(number) for number in (task / "children").read_text().split()}
    return found


def memory(pid: int) -> dict[str, int]:
    """Return bytes of a process: resident, its share of them (a page of n processes counts 1/n), its own."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    return {"resident": sizes["Rss"], "share": sizes["Pss"], "own": sizes["Private_Dirty"] + sizes["Private_Clean"]}


def processor_seconds(pid: int) -> float:
    """Return the seconds of processor that a process has taken."""
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / CLOCK
