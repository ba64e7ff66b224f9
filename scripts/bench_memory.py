"""Measure the peak memory of `plait build` for catalogues of texts, beside the size of their vectors."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Annotated

if sys.path[0].endswith("scripts"):
    # Run by its path, this folder would come before the standard library, whose profile.py it hides.
    sys.path.pop(0)

import numpy as np
import typer

PLAIT = [sys.executable, "-c", "from plait.cli import main; main()"]
SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "en", "or")]
WORDS = 4_000
DIMENSION = 384


def write_catalogue(path: Path, count: int, seed: int) -> None:
    """Write `count` items: titles of 2 to 6 words, descriptions of 10 to 80, words as frequent as by Zipf's law."""
    rng = np.random.default_rng(seed)
    words = np.array(["".join(rng.choice(SYLLABLES, size=rng.integers(1, 3))) for _ in range(WORDS)])
    frequency = 1 / np.arange(2, WORDS + 2)
    frequency /= frequency.sum()
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("item_id", "title", "description"))
        for number in range(count):
            title, text = (rng.choice(words, size=rng.integers(*span), p=frequency) for span in ((2, 7), (10, 81)))
            writer.writerow((f"item-{number}", " ".join(title), " ".join(text)))


def peak_of_build(workspace: Path, items: Path) -> tuple[int, float]:
    """Build in a process of its own; return its peak resident memory in bytes and its seconds of processor time."""
    command = [*PLAIT, "build", str(workspace), "--items", str(items), "--json"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"plait build failed with exit code {process.returncode}")
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def main(
    count: Annotated[list[int] | None, typer.Option(help="Number of items; may be given more than once.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the texts.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Build each catalogue once; then say what each further item cost, beside the bytes of its vector."""
    figures = []
    for items in sorted(count or [2_000, 10_000]):
        with tempfile.TemporaryDirectory() as scratch:
            write_catalogue(Path(scratch) / "items.csv", items, seed)
            peak, seconds = peak_of_build(Path(scratch) / "workspace", Path(scratch) / "items.csv")
        vectors = 4 * DIMENSION * items
        figures.append({"items": items, "peak_bytes": peak, "vector_bytes": vectors, "cpu_seconds": seconds})
        if not as_json:
            megabytes = f"peak {peak / 1e6:.0f} MB  vectors {vectors / 1e6:.1f} MB"
            print(f"items {items}  {megabytes}  processor {seconds:.0f} s", flush=True)
    if as_json:
        print(json.dumps(figures))
        return
    for small, large in pairwise(figures):
        more = large["items"] - small["items"]
        each = (large["peak_bytes"] - small["peak_bytes"]) / more
        print(f"{small['items']} -> {large['items']}: {each:.0f} bytes more an item; its vector has {4 * DIMENSION}")


if __name__ == "__main__":
    typer.run(main)
