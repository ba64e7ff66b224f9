"""Measure how long it takes to log what is shown and to explore, interleaved with plain recommendations.

Prints the median milliseconds of the thread, and each as a share of the plain recommendation. Works on copies of the
workspace, for every answer that is logged changes it.
"""

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from plait.config import FILE
from plait.recommender import Recommender
from scripts.interleaved import interleaved

METHODS = ("off", "epsilon", "thompson")


def copies_of(workspace: Path, folder: Path) -> dict[str, Recommender]:
    """Return by method a copy of the workspace that explores so, with defaults otherwise."""
    found = {}
    for method in METHODS:
        copy = Path(shutil.copytree(workspace, folder / method))
        text = (copy / FILE).read_text(encoding="utf-8").replace("[exploration]", f'[exploration]\nmethod = "{method}"')
        if "[exploration]" not in text:
            text += f'\n[exploration]\nmethod = "{method}"\n'
        (copy / FILE).write_text(text, encoding="utf-8")
        found[method] = Recommender.open(copy)
    return found


def runs_of(copies: dict[str, Recommender]) -> dict[str, Callable[[int], object]]:
    """Return what is timed."""
    users = copies["off"].user_ids()

    def answers(method: str, *, log: bool) -> Callable[[int], object]:
        return lambda turn: copies[method].recommend(users[turn % len(users)], log_exposure=log)

    runs = {"recommend": answers("off", log=False)}
    return runs | {f"logged, {method}": answers(method, log=True) for method in METHODS}


def main(arguments: list[str]) -> None:
    """Print the medians of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        runs = runs_of(copies_of(options.workspace, Path(folder)))
        interleaved(runs, 10)
        times = interleaved(runs, options.rounds)
    medians = {name: float(np.median([thread for thread, _ in pairs])) for name, pairs in times.items()}
    for name, median in medians.items():
        print(f"{name:18} {median:.3f} ms  {median / medians['recommend']:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
