"""Measure what it costs to keep a workspace: check, backup, restore and erasures, interleaved, on a copy of it.

Prints the median milliseconds of the thread, and each as a share of the check.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from plait.flows.backup import backup
from plait.flows.check import check
from plait.flows.erase import erase
from plait.flows.restore import restore
from plait.workspace import Workspace
from scripts.interleaved import interleaved


def runs_of(folder: Path, scratch: Path) -> dict[str, Callable[[int], object]]:
    """Return what is timed of the workspace in `folder`, from which users go; files are made in `scratch`."""
    workspace = Workspace.open(folder)
    users = workspace.store.user_ids()
    backup(workspace, scratch / "first.tar")
    return {
        "check": lambda _: check(folder),
        "backup": lambda turn: backup(workspace, scratch / f"{turn}.tar"),
        "restore": lambda turn: restore(scratch / "first.tar", scratch / f"restored-{turn}"),
        "erase": lambda turn: erase(workspace, users[turn]),
    }


def main(arguments: list[str]) -> None:
    """Print the medians of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        copied = Path(shutil.copytree(options.workspace, Path(name) / "workspace"))
        times = interleaved(runs_of(copied, Path(name)), options.rounds)
    medians = {name: float(np.median([thread for thread, _ in pairs])) for name, pairs in times.items()}
    for name, median in medians.items():
        print(f"{name:10} {median:.1f} ms  {median / medians['check']:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
