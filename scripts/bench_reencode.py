"""Measure what answers cost while a workspace goes over to other encoders: quiet, meanwhile, and after.

On a copy of the workspace searches and recommendations are answered one after another for `--seconds`; then another
process runs `build --reencode` with the bundled text model, cut to a third of its numbers, and they are answered till
it has ended, and for `--seconds` more. Prints how many there were of each, errors, median, 99th percentile and the
longest in milliseconds, by the clock and of the thread alone.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embedders.bundles import MINILM
from plait.config import FILE
from plait.errors import BadData
from plait.recommender import Recommender
from scripts.figures import print_figures

REENCODE = "import sys; from plait.cli import run; sys.exit(run(['build', sys.argv[1], '--reencode']))"
DIMENSION = 128


Answered = tuple[list[tuple[float, float]], int, list[str]]


def answered(recommender: Recommender, users: list[str], words: list[str], going: Callable[[], bool]) -> Answered:
    """Answer while `going`; return clock and thread milliseconds of each answer, the number of errors, who answered."""
    times: list[tuple[float, float]] = []
    errors, models = 0, []
    while going():
        place = len(times)
        wall, thread = time.perf_counter(), time.thread_time()
        try:
            if place % 2:
                answer = recommender.recommend(users[place % len(users)])
            else:
                answer = recommender.search(words[place % len(words)])
            models.append(answer.model)
        except BadData:
            errors += 1
        times.append((1000 * (time.perf_counter() - wall), 1000 * (time.thread_time() - thread)))
    return times, errors, list(dict.fromkeys(models))


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Return what is true for that long."""
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() < end


def figures(name: str, found: Answered, quiet: float) -> dict[str, object]:
    """Return what is told of one phase; `quiet` is the 99th percentile of the quiet one, in milliseconds."""
    times, errors, models = found
    wall, thread = np.asarray(times).T
    tail = float(np.percentile(wall, 99))
    told = {"phase": name, "answers": len(times), "errors": errors, "by": ", then ".join(models)}
    for kind, values in (("ms", wall), ("thread ms", thread)):
        told |= {kind: " ".join(f"{np.percentile(values, share):.1f}" for share in (50, 99, 100))}
    return told | {"p99 to quiet": round(tail / quiet, 2)}


def main(arguments: list[str]) -> None:
    """Print the figures of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(options.workspace, Path(place) / "workspace"))
        recommender = Recommender.open(folder)
        users = recommender.user_ids()[:200]
        words = [*filter(None, recommender.titles(recommender._live.workspace.store.item_ids()[:200]).values())]
        answered(recommender, users, words, for_seconds(options.seconds / 4))
        quiet = answered(recommender, users, words, for_seconds(options.seconds))
        model = f'{{ model = "{MINILM.weights()}", truncate_dim = {DIMENSION} }}'
        (folder / FILE).write_text(f"[encoders]\ntext = {model}\n", encoding="utf-8")
        writer = subprocess.Popen(
            [sys.executable, "-c", REENCODE, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        meanwhile = answered(recommender, users, words, lambda: writer.poll() is None)
        after = answered(recommender, users, words, for_seconds(options.seconds))
        if writer.returncode:
            sys.exit(f"the re-encoding failed with {writer.returncode}")
        tail = float(np.percentile(np.asarray(quiet[0])[:, 0], 99))
        phases = (("quiet", quiet), ("meanwhile", meanwhile), ("after", after))
        print_figures((figures(name, found, tail) for name, found in phases), as_json=False)


if __name__ == "__main__":
    main(sys.argv[1:])
